import type { JSX, ReactNode } from 'react';
import { IconCheck, IconMinus, IconX } from './icons';
import styles from './PathSteps.module.css';

export interface PathStep {
  name: string;
  outcome: 'passed' | 'stopped' | 'not_reached';
  text: ReactNode;
}

const marks = {
  passed: { icon: IconCheck, word: 'passed' },
  stopped: { icon: IconX, word: 'stopped here' },
  not_reached: { icon: IconMinus, word: 'not looked at' },
};

/** The steps of a decision from top to bottom: passed ones checked, the stopping one marked, later ones faint. */
export function PathSteps({ steps }: { steps: PathStep[] }): JSX.Element {
  return (
    <ol className={styles.path}>
      {steps.map((step) => {
        const { icon: Icon, word } = marks[step.outcome];
        return (
          <li key={step.name} data-outcome={step.outcome}>
            <span className={styles.mark}>
              <Icon size={14} aria-hidden />
            </span>
            <div>
              <div className="strong">
                {step.name}
                <span className="hidden-text">, {word}</span>
              </div>
              <div className={step.outcome === 'stopped' ? undefined : 'muted'}>{step.outcome === 'not_reached' ? 'Not looked at.' : step.text}</div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
