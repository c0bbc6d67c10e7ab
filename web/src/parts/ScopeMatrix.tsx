import { Checkbox } from '@mantine/core';
import { useState, type JSX } from 'react';
import type { Scope } from '../api/types';
import { actionWords, commonResources, newTokenWords as words, resourceWords } from '../messages/tokens';
import styles from './ScopeMatrix.module.css';

interface ScopeMatrixProps {
  catalogue: Scope[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

const columns = ['read', 'write', 'delete'] as const;

/** Every right a token can have: resource × Read, Write, Delete, Also. The rarer ones are folded. */
export function ScopeMatrix({ catalogue, chosen, onChange }: ScopeMatrixProps): JSX.Element {
  const [all, setAll] = useState(() => chosen.some((scope) => !commonResources.includes(scope.split(':')[0] ?? '')) && chosen.length < 4);
  const rare = [...new Set(catalogue.map(({ resource }) => resource))].filter((resource) => !commonResources.includes(resource));
  const common = commonResources.filter((resource) => catalogue.some((scope) => scope.resource === resource));
  const rareCount = catalogue.filter(({ resource }) => rare.includes(resource)).length;
  const toggle = (scope: string): void => {
    onChange(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  };
  return (
    <section className="card" aria-label={words.rights}>
      <div className="card-head" style={{ justifyContent: 'flex-start' }}>
        <h2>{words.rights}</h2>
        <span className="muted table-text" aria-live="polite">
          {words.chosen(chosen.length, catalogue.filter((scope) => scope.pat_allowed).length)}
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
          {[...common, ...(all ? rare : [])].map((resource) => (
            <Row key={resource} resource={resource} scopes={catalogue.filter((scope) => scope.resource === resource)} chosen={chosen} onToggle={toggle} />
          ))}
        </tbody>
      </table>
      {rareCount === 0 ? null : (
        <div className={styles.fold}>
          <button
            type="button"
            className="link-button"
            aria-expanded={all}
            onClick={() => {
              setAll(!all);
            }}
          >
            {all ? words.fewer : words.rarer(rareCount)}
          </button>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  resource: string;
  scopes: Scope[];
  chosen: string[];
  onToggle: (scope: string) => void;
}

function Row({ resource, scopes, chosen, onToggle }: RowProps): JSX.Element {
  const { label, text } = resourceWords(resource);
  const reason = resource === 'tokens' ? words.noTokens : text;
  const of = (action: string): Scope | undefined => scopes.find((scope) => scope.action === action);
  const others = scopes.filter(({ action }) => !columns.some((column) => column === action));
  const box = (scope: Scope, visible?: string): JSX.Element => (
    <Checkbox
      key={scope.scope}
      checked={chosen.includes(scope.scope)}
      disabled={!scope.pat_allowed}
      aria-label={`${label}: ${actionWords(scope.action)} (${scope.scope})`}
      label={visible}
      title={`${scope.sentence} (${scope.scope})${scope.pat_allowed ? '' : `. ${words.notForTokens}`}`}
      onChange={() => {
        onToggle(scope.scope);
      }}
    />
  );
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
