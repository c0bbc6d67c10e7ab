import { Checkbox } from '@mantine/core';
import { useState, type JSX } from 'react';
import type { Scope } from '../api/types';
import { actionWords, commonResources, newTokenWords as words, resourceWords } from '../messages/tokens';
import styles from './ScopeMatrix.module.css';

interface ScopeMatrixProps {
  catalogue: Scope[];
  chosen: string[];
  /** Scopes that the rules of the lab allow in no token. */
  forbidden: string[];
  onChange: (chosen: string[]) => void;
}

const columns = ['read', 'write', 'delete'] as const;
const resourcesOf = (scopes: Scope[]): string[] => [...new Set(scopes.map(({ resource }) => resource))];

/** Every right a token can have: resource × Read, Write, Delete, Also. The rarer ones, and those that guard nothing yet, are folded. */
export function ScopeMatrix({ catalogue, chosen, forbidden, onChange }: ScopeMatrixProps): JSX.Element {
  const inUse = catalogue.filter((scope) => scope.in_use);
  const pending = catalogue.filter((scope) => !scope.in_use);
  const rare = inUse.filter(({ resource }) => !commonResources.includes(resource));
  const has = (scopes: Scope[]): boolean => scopes.some(({ scope }) => chosen.includes(scope));
  const [showRare, setShowRare] = useState(() => has(rare) && chosen.length < 4);
  const [showPending, setShowPending] = useState(() => has(pending));
  const able = inUse.filter(({ scope, pat_allowed: allowed }) => allowed && !forbidden.includes(scope)).length;
  const barred = catalogue.filter(({ scope, pat_allowed: allowed }) => allowed && forbidden.includes(scope)).length;
  const toggle = (scope: string): void => {
    onChange(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  };
  const rows = (scopes: Scope[], resources = resourcesOf(scopes)): JSX.Element[] =>
    resources
      .map((resource) => ({ resource, here: scopes.filter((scope) => scope.resource === resource) }))
      .filter(({ here }) => here.length > 0)
      .map(({ resource, here }) => <Row key={resource} resource={resource} scopes={here} chosen={chosen} forbidden={forbidden} onToggle={toggle} />);
  return (
    <section className="card" aria-label={words.rights}>
      <div className="card-head" style={{ justifyContent: 'flex-start' }}>
        <h2>{words.rights}</h2>
        <span className="muted table-text" aria-live="polite">
          {words.chosen(chosen.length, able)}
        </span>
      </div>
      <table className={styles.matrix} aria-label={words.rights}>
        <thead>
          <tr>
            <th scope="col">{words.on}</th>
            {columns.map((action) => (
              <th key={action} scope="col" className={styles.middle}>
                {actionWords(action).replace(/^./, (letter) => letter.toUpperCase())}
              </th>
            ))}
            <th scope="col">{words.also}</th>
          </tr>
        </thead>
        <tbody>
          {rows(inUse, commonResources)}
          {showRare ? rows(rare) : null}
        </tbody>
        {showPending ? (
          <tbody>
            <tr className={styles.why}>
              <td colSpan={columns.length + 2}>{words.pendingWhy}</td>
            </tr>
            {rows(pending)}
          </tbody>
        ) : null}
      </table>
      <div className={styles.fold}>
        <Fold amount={rare.length} open={showRare} onToggle={setShowRare} more={words.rarer} less={words.fewer} />
        <Fold amount={pending.length} open={showPending} onToggle={setShowPending} more={words.pending} less={words.pendingLess} />
        {barred === 0 ? null : <p className="small muted">{words.forbiddenNote(barred)}</p>}
      </div>
    </section>
  );
}

interface FoldProps {
  amount: number;
  open: boolean;
  onToggle: (open: boolean) => void;
  more: (amount: number) => string;
  less: string;
}

function Fold({ amount, open, onToggle, more, less }: FoldProps): JSX.Element | null {
  if (amount === 0) return null;
  return (
    <button
      type="button"
      className="link-button"
      aria-expanded={open}
      onClick={() => {
        onToggle(!open);
      }}
    >
      {open ? less : more(amount)}
    </button>
  );
}

interface RowProps {
  resource: string;
  scopes: Scope[];
  chosen: string[];
  forbidden: string[];
  onToggle: (scope: string) => void;
}

function Row({ resource, scopes, chosen, forbidden, onToggle }: RowProps): JSX.Element {
  const { label, text } = resourceWords(resource);
  const reason = resource === 'tokens' ? words.noTokens : text;
  const of = (action: string): Scope | undefined => scopes.find((scope) => scope.action === action);
  const others = scopes.filter(({ action }) => !columns.some((column) => column === action));
  const box = (scope: Scope, visible?: string): JSX.Element => {
    const why = !scope.pat_allowed ? words.notForTokens : forbidden.includes(scope.scope) ? words.forbidden : undefined;
    return (
      <Checkbox
        key={scope.scope}
        checked={chosen.includes(scope.scope)}
        disabled={why !== undefined}
        aria-label={`${label}: ${actionWords(scope.action)} (${scope.scope})`}
        label={visible}
        title={`${scope.sentence} (${scope.scope})${why === undefined ? '' : ` ${why}.`}`}
        onChange={() => {
          onToggle(scope.scope);
        }}
      />
    );
  };
  return (
    <tr>
      <th scope="row">
        <span className="strong">{label}</span>
        {reason === '' ? null : <span className={styles.text}>{reason}</span>}
      </th>
      {columns.map((action) => {
        const scope = of(action);
        return (
          <td key={action} className={styles.middle}>
            {scope === undefined ? <span className="muted">·</span> : box(scope)}
          </td>
        );
      })}
      <td className={others.length === 0 ? styles.nothing : undefined}>
        <div className={styles.also}>{others.map((scope) => box(scope, actionWords(scope.action)))}</div>
      </td>
    </tr>
  );
}
