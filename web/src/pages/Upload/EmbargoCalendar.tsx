import { Fragment, type JSX } from 'react';
import { addMonths, formatDate } from '../../messages/format';
import { publishWords as words } from '../../messages/publish';
import styles from './PublishStep.module.css';

/** The months from the first of the year of `from` until after the embargo: closed ones filled, open ones pale. A picture of the date beside it. */
export function EmbargoCalendar({ from, months }: { from: string; months: number }): JSX.Element {
  const start = new Date(from);
  const end = new Date(addMonths(from, months));
  const at = (date: Date): number => 12 * date.getFullYear() + date.getMonth();
  const years = Array.from({ length: end.getFullYear() - start.getFullYear() + 1 }, (_, index) => start.getFullYear() + index);
  const kind = (month: number): 'past' | 'closed' | 'open' => (month < at(start) ? 'past' : month < at(end) ? 'closed' : 'open');
  return (
    <div>
      <div className={styles.years} role="img" aria-label={`${words.calendar(months)}. ${words.opens(formatDate(end.toISOString()))}`}>
        {years.map((year) => (
          <Fragment key={year}>
            <span className={styles.year}>{year}</span>
            {Array.from({ length: 12 }, (_, month) => (
              <span key={month} className={styles.month} data-kind={kind(12 * year + month)} />
            ))}
          </Fragment>
        ))}
      </div>
      <div className={styles.legend} aria-hidden>
        <span>
          <span className={styles.month} data-kind="closed" /> {words.closed}
        </span>
        <span>
          <span className={styles.month} data-kind="open" /> {words.opens(formatDate(end.toISOString()))}
        </span>
      </div>
    </div>
  );
}
