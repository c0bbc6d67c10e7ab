import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { createToken, scopesQuery, tokenKeys } from '../../api/queries/tokens';
import { newTokenWords as words, presets, scopesOfPreset, tokensWords, type Preset } from '../../messages/tokens';
import { RevealToken } from '../../parts/RevealToken';
import { ScopeMatrix } from '../../parts/ScopeMatrix';
import { TokenInWords } from '../../parts/TokenInWords';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import styles from './NewToken.module.css';

const route = getRouteApi('/inside/account/tokens/new');
const lifetimes = [7, 30, 90, 180, 365];
const usual = 30;

/** Makes a token: presets first, then single rights, then when it ends; beside it, in words, what it will be able to do. */
export function NewToken(): JSX.Element {
  const { lab_name: lab } = useSession();
  const prefilled = route.useSearch();
  const { data: catalogue } = useSuspenseQuery(scopesQuery);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(prefilled.name ?? '');
  const [preset, setPreset] = useState<Preset['id']>(prefilled.scope === undefined ? 'send' : 'own');
  const [scopes, setScopes] = useState(() => {
    const allowed = catalogue.filter((scope) => scope.pat_allowed).map(({ scope }) => scope);
    return prefilled.scope === undefined ? scopesOfPreset('send', catalogue, []) : prefilled.scope.filter((scope) => allowed.includes(scope));
  });
  const [days, setDays] = useState<number | null>(usual);
  // gcTime 0: the answer holds the secret and must not stay in the cache.
  const make = useMutation({ mutationFn: createToken, gcTime: 0 });
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
  return (
    <>
      <PageHead title={words.title} tab={[words.title, tokensWords.title, lab]} crumbs={<Link to="/account/tokens">{tokensWords.title}</Link>} />
      <form
        className={styles.columns}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '' && scopes.length > 0) make.mutate({ name: name.trim(), scopes, expiresInDays: days });
        }}
      >
        <div className="stack">
          <section className="card card-body stack-l">
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
                setScopes(scopesOfPreset(id, catalogue, scopes));
              }}
            />
            <Ends days={days} onChange={setDays} />
          </section>
          <ScopeMatrix
            catalogue={catalogue}
            chosen={scopes}
            onChange={(next) => {
              setPreset('own');
              setScopes(next);
            }}
          />
        </div>
        <TokenInWords name={name.trim()} scopes={scopes} days={days} pending={make.isPending}>
          {make.isError ? <InlineProblem error={make.error} /> : null}
        </TokenInWords>
      </form>
    </>
  );
}

function Presets({ chosen, onChoose }: { chosen: Preset['id']; onChoose: (id: Preset['id']) => void }): JSX.Element {
  return (
    <fieldset>
      <legend className={styles.legend}>{words.use}</legend>
      <div className={styles.presets}>
        {presets.map(({ id, title, text }) => (
          <label key={id} className={styles.preset}>
            <input
              type="radio"
              name="preset"
              checked={chosen === id}
              aria-label={title}
              aria-describedby={`preset-${id}`}
              onChange={() => {
                onChoose(id);
              }}
            />
            <span className="strong" aria-hidden="true">
              {title}
            </span>
            <span id={`preset-${id}`} className="small muted">
              {text}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Ends({ days, onChange }: { days: number | null; onChange: (days: number | null) => void }): JSX.Element {
  const [now] = useState(() => new Date());
  return (
    <NativeSelect
      label={words.ends}
      description={days === null ? undefined : words.endsOn(days, now)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      maw={320}
      value={days === null ? 'never' : String(days)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        onChange(value === 'never' ? null : Number(value));
      }}
      data={[...lifetimes.map((one) => ({ value: String(one), label: `in ${words.days(one)}` })), { value: 'never', label: words.neverEnds }]}
    />
  );
}
