import type { JSX } from 'react';
import type { AuditRow } from '../../api/types';
import { auditWords as words, kindName, wayTo, whoOf } from '../../messages/audit';
import { formatMoment } from '../../messages/format';
import { stepName } from '../../messages/refusal';
import { LinkButton } from '../../parts/LinkButton';
import { IconCheck, IconMinus, IconX } from '../../ui/icons';
import { KeyValue } from '../../ui/KeyValue';
import { StateBadge } from '../../ui/StateBadge';
import styles from './AdminAudit.module.css';

const marks = { passed: { tone: 'ok', icon: IconCheck }, stopped: { tone: 'bad', icon: IconX }, not_reached: { tone: 'plain', icon: IconMinus } } as const;
const said = { passed: 'passed', stopped: 'stopped here', not_reached: 'not looked at' };

/** Everything a row knows, the way of a refused request, and where to go from here. */
export function RowDetails({ row }: { row: AuditRow }): JSX.Element {
  const { facts } = words;
  const way = wayTo(row.step);
  const who = row.username ?? row.user_id;
  return (
    <div className={styles.details}>
      <KeyValue
        facts={[
          [facts.when, formatMoment(row.time)],
          [facts.count, row.count > 1 ? words.times(row.count) : null],
          [facts.who, whoOf(row)],
          [facts.id, row.user_id === 'console' ? null : row.user_id],
          [facts.by, row.credential_kind === null ? null : kindName(row.credential_kind)],
          [facts.credential, row.credential_id === null ? null : <code>{row.credential_id}</code>],
          [facts.address, row.address],
        ]}
      />
      <KeyValue
        facts={[
          [facts.what, <code key="operation">{row.operation}</code>],
          [facts.object, row.object === null ? null : <code>{row.object}</code>],
          [facts.status, row.status],
          [facts.detail, row.detail],
          [facts.request, row.request_id === null ? null : <code>{row.request_id}</code>],
        ]}
      />
      {way.length === 0 ? null : (
        <div className={styles.acts}>
          <h2>{words.path}</h2>
          <ol className={styles.way}>
            {way.map(({ step, outcome }) => (
              <li key={step}>
                <StateBadge tone={marks[outcome].tone} icon={marks[outcome].icon}>
                  {stepName(step)}
                  <span className="hidden-text">, {said[outcome]}</span>
                </StateBadge>
              </li>
            ))}
          </ol>
        </div>
      )}
      <div className={`row ${styles.acts ?? ''}`}>
        {who === null ? null : (
          <LinkButton to="/admin/audit" search={{ who }} size="xs" variant="default">
            {words.onlyWho(whoOf(row))}
          </LinkButton>
        )}
        {row.credential_id === null ? null : (
          <LinkButton to="/admin/audit" search={{ credential: row.credential_id }} size="xs" variant="default">
            {words.onlyCredential}
          </LinkButton>
        )}
        {row.step === null ? null : (
          <LinkButton to="/admin/access" search={{ user: row.user_id === 'console' ? undefined : (row.username ?? undefined), operation: row.operation }} hash="ask" size="xs" variant="default">
            {words.ask}
          </LinkButton>
        )}
      </div>
    </div>
  );
}
