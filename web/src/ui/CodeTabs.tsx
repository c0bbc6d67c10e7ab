import { useId, useState, type JSX, type KeyboardEvent } from 'react';
import { CopyButton } from './CopyButton';
import styles from './CodeTabs.module.css';

export interface CodeTab {
  id: string;
  label: string;
  code: string;
}

/** The same thing in several languages, each with Copy. Arrow keys move between the tabs. */
export function CodeTabs({ label, tabs }: { label: string; tabs: CodeTab[] }): JSX.Element {
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const tab = tabs[chosen] ?? tabs[0];
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (chosen + step + tabs.length) % tabs.length;
    setChosen(next);
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };
  return (
    <div>
      <div className={styles.tabs} role="tablist" tabIndex={-1} aria-label={label} onKeyDown={onKey}>
        {tabs.map((one, index) => (
          <button
            key={one.id}
            type="button"
            role="tab"
            id={`${id}-${one.id}`}
            aria-selected={index === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={index === chosen ? 0 : -1}
            onClick={() => {
              setChosen(index);
            }}
          >
            {one.label}
          </button>
        ))}
      </div>
      {tab === undefined ? null : (
        <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${tab.id}`} className={styles.panel}>
          {/* Long lines scroll; scrolling by keyboard needs the focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre tabIndex={0}>{tab.code}</pre>
          <CopyButton value={tab.code} what={`the ${tab.label} lines`} named />
        </div>
      )}
    </div>
  );
}
