import type { AccessToken } from '../api/types';

/** What narrows a token below its rights; empty lists narrow nothing. */
export interface TokenLimits {
  appendOnly: boolean;
  /** Ids of uploads. */
  uploads: string[];
  /** Addresses and networks, as one writes them: 192.0.2.0/24. */
  networks: string[];
}

/** No limits. */
export const unlimited: TokenLimits = { appendOnly: false, uploads: [], networks: [] };

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);

/** A network of one address is written as that address. */
const oneAddress = (network: string): string => (network.includes(':') ? network.replace(/\/128$/, '') : network.replace(/\/32$/, ''));

/** The limits of a token as the API writes them. */
export function limitsOf({ restrictions }: Pick<AccessToken, 'restrictions'>): TokenLimits {
  if (typeof restrictions !== 'object' || restrictions === null) return unlimited;
  const { append_only: appendOnly, uploads, networks } = restrictions as Record<string, unknown>;
  return { appendOnly: appendOnly === true, uploads: texts(uploads), networks: texts(networks).map(oneAddress) };
}

/** The limits as the API reads them; `undefined` when there are none. An empty list would be a token for nothing, so it is left out. */
export function restrictionsFor({ appendOnly, uploads, networks }: TokenLimits): Record<string, unknown> | undefined {
  if (!appendOnly && uploads.length === 0 && networks.length === 0) return undefined;
  return {
    ...(appendOnly ? { append_only: true } : {}),
    ...(uploads.length === 0 ? {} : { uploads }),
    ...(networks.length === 0 ? {} : { networks }),
  };
}
