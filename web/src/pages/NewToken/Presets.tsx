import type { JSX } from 'react';
import { newTokenWords as words, presets, type Preset } from '../../messages/tokens';
import styles from './NewToken.module.css';

/** The four choices that fit most needs. */
export function Presets({ chosen, onChoose }: { chosen: Preset['id']; onChoose: (id: Preset['id']) => void }): JSX.Element {
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
