import type { TokenEnd } from '../api/queries/tokens';
import type { TokenLimits } from './tokenLimits';

const day = 86_400_000;

/** The line that makes the same token on the server's console. */
export function tokenCommand(name: string, scopes: string[], { appendOnly, uploads, networks }: TokenLimits, end: TokenEnd, now: Date): string {
  return [
    'bin/oasis token create --user USER',
    `  --name ${quoted(name === '' ? 'NAME' : name)}`,
    ...scopes.map((scope) => `  --scope ${scope}`),
    ...(appendOnly ? ['  --append-only'] : []),
    ...uploads.map((id) => `  --upload ${id}`),
    ...networks.map((network) => `  --network ${network}`),
    `  --expires ${life(end, now)} --data DIR`,
  ].join(' \\\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A life in whole days, or never. */
function life(end: TokenEnd, now: Date): string {
  if (end === 'never') return 'never';
  return `${'at' in end ? Math.max(1, Math.floor((Date.parse(end.at) - now.getTime()) / day)) : end.days}d`;
}
