import { limitsWords as words } from '../../messages/tokenLimits';
import { type TokenLimits, unlimited } from '../../parts/tokenLimits';
import type { TokenSearch } from './url';

/** The limits of the form: a limit that is switched off keeps what was chosen for it. */
export interface LimitsDraft extends TokenLimits {
  byUpload: boolean;
  byNetwork: boolean;
}

export const draftFrom = ({ append_only: appendOnly = false, upload = [], network = [] }: TokenSearch): LimitsDraft => ({
  appendOnly,
  uploads: upload,
  networks: network,
  byUpload: upload.length > 0,
  byNetwork: network.length > 0,
});

/** What is in force of a draft. */
export const limitsOfDraft = ({ appendOnly, byUpload, byNetwork, uploads, networks }: LimitsDraft): TokenLimits => ({
  appendOnly,
  uploads: byUpload ? uploads : unlimited.uploads,
  networks: byNetwork ? networks : unlimited.networks,
});

/** A limit that is switched on and empty would limit nothing: that is never sent, but said. */
export function emptyLimit({ byUpload, byNetwork, uploads, networks }: LimitsDraft): string | undefined {
  if (byUpload && uploads.length === 0) return words.needUpload;
  if (byNetwork && networks.length === 0) return words.needNetwork;
  return undefined;
}
