import type { JSX } from 'react';
import type { PolicyPreview } from '../../api/types';
import { consequences, previewWords as words, whyNot } from '../../messages/policy';
import { IconAlertTriangle, IconCheck, IconInfoCircle, IconMinus, IconX } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './AdminAccess.module.css';

interface PreviewProps {
  preview: PolicyPreview | undefined;
  /** Why the draft has no preview. */
  error: Error | null;
  /** Whether something would change. */
  drafted: boolean;
  /** Whether it is that of an earlier draft. */
  stale: boolean;
}

/** What the draft means, as the server works it out by the function that decides about requests. */
export function Preview({ preview, error, drafted, stale }: PreviewProps): JSX.Element {
  return (
    <section className="card" aria-labelledby="preview" aria-busy={stale}>
      <div className="card-head">
        <h2 id="preview">{words.title}</h2>
        <span className="muted small">{drafted ? words.then : words.now}</span>
      </div>
      <div className="card-body stack-l">
        {error === null ? null : <InlineProblem error={error} />}
        {preview === undefined ? (
          error === null && <RowSkeleton rows={6} />
        ) : (
          <div className={`stack-l ${stale ? (styles.stale ?? '') : ''}`}>
            <Sentences preview={preview} />
            <Table preview={preview} />
          </div>
        )}
      </div>
    </section>
  );
}

const icons = { plain: IconInfoCircle, ok: IconCheck, warn: IconAlertTriangle, bad: IconAlertTriangle };

function Sentences({ preview }: { preview: PolicyPreview }): JSX.Element {
  return (
    <ul className={styles.says} aria-live="polite">
      {consequences(preview).map(({ tone, text }) => {
        const Icon = icons[tone];
        return (
          <li key={text} data-tone={tone}>
            <Icon size={16} aria-hidden />
            <span>{text}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Table({ preview: { matrix } }: { preview: PolicyPreview }): JSX.Element {
  const deeds = matrix[0]?.cells.map((cell) => cell.deed) ?? [];
  return (
    <table className={styles.table} aria-label={words.table}>
      <thead>
        <tr>
          <th scope="col">{words.whoHead}</th>
          {matrix.map(({ who }) => (
            <th key={who} scope="col">
              {words.who[who]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {deeds.map((deed) => (
          <tr key={deed}>
            <th scope="row">{words.deeds[deed]}</th>
            {matrix.map(({ who, cells }) => {
              const cell = cells.find((one) => one.deed === deed);
              if (cell === undefined) return <td key={who} />;
              const Icon = cell.allowed ? IconCheck : cell.changed ? IconX : IconMinus;
              return (
                <td key={who} title={whyNot(cell)}>
                  <span className={styles.answer} data-answer={cell.allowed ? 'yes' : 'no'} data-changed={cell.changed || undefined}>
                    <Icon size={14} aria-hidden />
                    {cell.allowed ? words.yes : words.no}
                    {cell.changed ? <span className="hidden-text">, {words.new}</span> : null}
                  </span>
                  {cell.changed ? (
                    <span className="small muted" style={{ display: 'block' }} aria-hidden="true">
                      {words.new}
                    </span>
                  ) : null}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
