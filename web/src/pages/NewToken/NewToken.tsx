import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type JSX } from 'react';
import { ProblemError } from '../../api/problem';
import { createToken, previewTokenQuery, scopesQuery, tokenKeys, tokenRulesQuery, type TokenEnd, type TokenRequest } from '../../api/queries/tokens';
import { newTokenWords as words, scopesOfPreset, tokensWords, type Preset } from '../../messages/tokens';
import { RevealToken } from '../../parts/RevealToken';
import { ScopeMatrix } from '../../parts/ScopeMatrix';
import { TokenInWords } from '../../parts/TokenInWords';
import { restrictionsFor } from '../../parts/tokenLimits';
import { TryToken } from '../../parts/TryToken';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { Ends } from './Ends';
import { Limits } from './Limits';
import { draftFrom, emptyLimit, limitsOfDraft } from './limitsDraft';
import styles from './NewToken.module.css';
import { Presets } from './Presets';

const route = getRouteApi('/inside/account/tokens/new');
const usual = 30;
/** How long one pauses before the server is asked what the token could do. */
const patience = 300;

/** Makes a token: presets first, then single rights and limits; beside it, in words and as the server decides, what it will be able to do. */
export function NewToken(): JSX.Element {
  const { lab_name: lab } = useSession();
  const prefilled = route.useSearch();
  const { data: catalogue } = useSuspenseQuery(scopesQuery);
  const { data: rules } = useSuspenseQuery(tokenRulesQuery);
  const allowed = useMemo(() => catalogue.filter(({ scope, pat_allowed: able }) => able && !rules.forbidden_scopes.includes(scope)), [catalogue, rules]);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [now] = useState(() => new Date());
  const [name, setName] = useState(prefilled.name ?? '');
  const [preset, setPreset] = useState<Preset['id']>(prefilled.scope === undefined ? 'send' : 'own');
  const [scopes, setScopes] = useState(() =>
    prefilled.scope === undefined ? scopesOfPreset('send', allowed, []) : prefilled.scope.filter((scope) => allowed.some((one) => one.scope === scope)),
  );
  const [draft, setDraft] = useState(() => ({ ...draftFrom(prefilled), appendOnly: prefilled.append_only ?? prefilled.scope === undefined }));
  const [end, setEnd] = useState<TokenEnd>({ days: usual });
  // gcTime 0: the answer holds the secret and must not stay in the cache.
  const make = useMutation({ mutationFn: createToken, gcTime: 0 });

  const limits = limitsOfDraft(draft);
  const request = { scopes, restrictions: restrictionsFor(limits), end };
  const missing = name.trim() === '' ? words.needName : scopes.length === 0 ? words.needRight : emptyLimit(draft);
  const [askedText] = useDebouncedValue(JSON.stringify(request), patience);
  const asked = JSON.parse(askedText) as Omit<TokenRequest, 'name'>;
  const preview = useQuery({ ...previewTokenQuery(asked), enabled: rules.may_make && asked.scopes.length > 0 && make.data === undefined });
  const refusal = preview.error instanceof ProblemError ? preview.error : undefined;
  const wrongNetworks = refusal?.fields.find(({ loc }) => loc.includes('networks'))?.msg;

  if (make.data !== undefined) {
    return (
      <RevealToken
        fresh={make.data}
        onDone={() => {
          make.reset();
          void queries.invalidateQueries({ queryKey: tokenKeys.all });
          void navigate({ to: '/account/tokens', ignoreBlocker: true });
        }}
      />
    );
  }
  const head = <PageHead title={words.title} tab={[words.title, tokensWords.title, lab]} crumbs={<Link to="/account/tokens">{tokensWords.title}</Link>} />;
  if (!rules.may_make) {
    return (
      <>
        {head}
        <Says tone="warn" more={words.mayNotMore}>
          <strong>{words.mayNot}</strong>
        </Says>
      </>
    );
  }
  return (
    <>
      {head}
      <form
        className={styles.columns}
        onSubmit={(event) => {
          event.preventDefault();
          if (missing === undefined && refusal === undefined) make.mutate({ name: name.trim(), ...request });
        }}
      >
        <div className="stack">
          {prefilled.narrowed === true ? (
            <Says tone="info" more={words.narrowedMore}>
              {words.narrowed}
            </Says>
          ) : null}
          <section className="card card-body stack-l" aria-label={words.about}>
            <TextInput
              label={words.name}
              description={words.nameHint}
              value={name}
              maxLength={200}
              autoComplete="off"
              maw={420}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <Presets
              chosen={preset}
              onChoose={(id) => {
                setPreset(id);
                setScopes(scopesOfPreset(id, allowed, scopes));
                if (id !== 'own') setDraft({ ...draft, appendOnly: id === 'send' });
              }}
            />
            <Ends end={end} longest={limits.appendOnly ? rules.max_days_append_only : rules.max_days} now={now} onChange={setEnd} />
          </section>
          <ScopeMatrix
            catalogue={catalogue}
            chosen={scopes}
            forbidden={rules.forbidden_scopes}
            onChange={(next) => {
              setPreset('own');
              setScopes(next);
            }}
          />
          <Limits limits={draft} onChange={setDraft} address={rules.address} inside={preview.data?.allowed_here} wrongNetworks={wrongNetworks} />
        </div>
        <TokenInWords
          name={name.trim()}
          scopes={scopes}
          limits={limits}
          end={end}
          now={now}
          pending={make.isPending}
          missing={missing ?? (refusal === undefined ? undefined : words.needChange)}
          onWiden={() => {
            setDraft({ ...draft, appendOnly: false });
          }}
          tried={<TryToken preview={preview.data} error={wrongNetworks === undefined ? preview.error : null} stale={preview.isFetching} chosen={asked.scopes} catalogue={catalogue} />}
        >
          {make.isError ? <InlineProblem error={make.error} /> : null}
        </TokenInWords>
      </form>
    </>
  );
}
