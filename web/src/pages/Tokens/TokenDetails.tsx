import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { tokenUsageQuery } from '../../api/queries/tokens';
import { uploadQuery } from '../../api/queries/uploads';
import type { AccessToken, TokenUsage } from '../../api/types';
import { formatMoment, formatShortDate } from '../../messages/format';
import { limitSentences } from '../../messages/tokenLimits';
import { scopesInWords, tokenName, tokensWords as words } from '../../messages/tokens';
import { LinkButton } from '../../parts/LinkButton';
import { limitsOf, type TokenLimits } from '../../parts/tokenLimits';
import { Dialog } from '../../ui/Dialog';
import { InlineProblem } from '../../ui/InlineProblem';
import { KeyValue } from '../../ui/KeyValue';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';
import { formFor } from '../NewToken/url';
import styles from './Tokens.module.css';

/** As many uploads as the server finds few enough to narrow a token to them. */
const fewUploads = 5;

interface TokenDetailsProps {
  token: AccessToken;
  /** Who ended it. */
  by: string | undefined;
  onClose: () => void;
}

/** All about one token: what it may, what it was used for, and how it could do with less. */
export function TokenDetails({ token, by, onClose }: TokenDetailsProps): JSX.Element {
  const usage = useQuery(tokenUsageQuery(token.id));
  const limits = limitsOf(token);
  const { ended } = token;
  return (
    <Dialog title={tokenName(token)} size="lg" onClose={onClose}>
      <div className="stack-l">
        <KeyValue
          facts={[
            [words.facts.id, <code key="id">{token.id}</code>],
            [words.facts.made, formatMoment(token.created_at)],
            [words.facts.may, scopesInWords(token.scopes)],
            [words.facts.limits, limitSentences(limits).join(' ') || words.noLimits],
            [words.facts.used, token.last_used_at === null ? words.neverUsed : [formatMoment(token.last_used_at), token.last_used_from === null ? '' : words.from(token.last_used_from)].join(' ')],
            [words.facts.ends, ended === null ? (token.expired_at === null ? words.never : formatMoment(token.expired_at)) : undefined],
            [words.facts.how, ended === null ? undefined : `${words.endedHow[ended.how]} ${words.endedWhen(ended.at, by)}`],
          ]}
        />
        {usage.isPending ? <RowSkeleton rows={3} /> : usage.isError ? <InlineProblem error={usage.error} onAgain={() => void usage.refetch()} /> : <Usage usage={usage.data} />}
        {usage.data?.advice == null || usage.data.scopes.length === 0 ? null : (
          <Says
            tone="info"
            more={usage.data.advice}
            action={
              <LinkButton to="/account/tokens/new" search={{ ...formFor(token.name, rightsUsed(token, usage.data), limitsSeen(limits, usage.data)), narrowed: true }} size="xs">
                {words.narrower}
              </LinkButton>
            }
          >
            <strong>{words.diet}</strong>
          </Says>
        )}
        <div>
          <LinkButton to="/account/tokens/new" search={formFor(token.name, token.scopes, limits)} size="xs" variant="default" aria-label={words.likeLabel(tokenName(token))}>
            {words.like}
          </LinkButton>
        </div>
      </div>
    </Dialog>
  );
}

const rightsUsed = ({ scopes }: AccessToken, usage: TokenUsage): string[] => scopes.filter((scope) => usage.scopes.some(({ item }) => item === scope));

/** The limits that would still have let it do all that it did; a limit it has already stays as it is. */
function limitsSeen(limits: TokenLimits, { uploads, addresses }: TokenUsage): TokenLimits {
  return {
    appendOnly: limits.appendOnly,
    uploads: limits.uploads.length > 0 || uploads.length > fewUploads ? limits.uploads : uploads.map(({ item }) => item),
    networks: limits.networks.length > 0 || addresses.length !== 1 ? limits.networks : addresses.map(({ item }) => item),
  };
}

function Usage({ usage }: { usage: TokenUsage }): JSX.Element {
  const { days, scopes, unused_scopes: unused, uploads, addresses } = usage;
  return (
    <section aria-labelledby="usage" className="stack-s">
      <h3 id="usage">{words.usage(days)}</h3>
      {scopes.length === 0 && addresses.length === 0 ? (
        <p className="muted">{words.unusedYet}</p>
      ) : (
        <KeyValue
          facts={[
            [words.usedRights, <Used key="rights" of={scopes} />],
            [words.usedUploads, uploads.length === 0 ? undefined : <Used key="uploads" of={uploads} upload />],
            [words.usedFrom, <Used key="from" of={addresses} />],
            [words.notNeeded, unused.join(', ')],
          ]}
        />
      )}
    </section>
  );
}

const mostShown = 6;

function Used({ of, upload = false }: { of: TokenUsage['scopes']; upload?: boolean }): JSX.Element {
  return (
    <ul className={styles.used}>
      {of.slice(0, mostShown).map(({ item, times, last_used_at: last }) => (
        <li key={item}>
          {upload ? <UploadName id={item} /> : <code>{item}</code>} <span className="muted">{[words.times(times), last === null ? '' : formatShortDate(last)].filter((part) => part !== '').join(', ')}</span>
        </li>
      ))}
      {of.length > mostShown ? <li className="muted">{words.andMore(of.length - mostShown)}</li> : null}
    </ul>
  );
}

/** An upload that is gone keeps its id. */
function UploadName({ id }: { id: string }): JSX.Element {
  const { data } = useQuery({ ...uploadQuery(id), retry: false });
  return data?.upload_name == null ? <code>{id}</code> : <>{data.upload_name}</>;
}
