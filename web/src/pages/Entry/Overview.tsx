import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { entryFilesQuery } from '../../api/queries/entries';
import type { Entry } from '../../api/types';
import { entryWords as words } from '../../messages/entry';
import { formatMoment } from '../../messages/format';
import { typeWords } from '../../messages/search';
import { EntryStateBadge } from '../../parts/EntryStateBadge';
import { at, entryId, formulaOf, textAt, textsAt } from '../../parts/entryFacts';
import { CopyButton } from '../../ui/CopyButton';
import { Formula } from '../../ui/Formula';
import { KeyValue } from '../../ui/KeyValue';
import { Says } from '../../ui/Says';
import { plainText } from './archive';
import { lookKind } from './kinds';
import { QuickLook } from './QuickLook';
import styles from './Entry.module.css';

/** What the entry is about: description, pictures and tables beside it, facts, and a link to pass on. */
export function Overview({ entry }: { entry: Entry }): JSX.Element {
  const errors = textsAt(entry, 'processing_errors');
  const failed = at(entry, 'processed') === false;
  const texts = [textAt(entry, 'comment'), ...textsAt(entry, 'results.eln.descriptions')].filter((text) => text !== undefined).map(plainText);
  return (
    <div className={styles.overview}>
      <div className="stack">
        {errors.length === 0 ? null : (
          <Says tone={failed ? 'bad' : 'warn'} more={<Lines lines={errors} />}>
            <strong>{failed ? words.failed : words.errors}</strong>
          </Says>
        )}
        {texts.length === 0 ? null : (
          <section className="card card-body stack" aria-label={words.description}>
            {texts.map((text) => (
              <p key={text} className={styles.prose}>
                {text}
              </p>
            ))}
          </section>
        )}
        <Looks entry={entry} />
      </div>
      <div className="stack">
        <Facts entry={entry} />
        <ShareLink published={at(entry, 'published') === true} />
      </div>
    </div>
  );
}

function Lines({ lines }: { lines: string[] }): JSX.Element {
  return (
    <ul className={styles.breaks}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Looks({ entry }: { entry: Entry }): JSX.Element {
  const files = useQuery(entryFilesQuery(entryId(entry)));
  const uploadId = textAt(entry, 'upload_id') ?? '';
  const paths = (files.data?.files ?? []).filter((file) => lookKind(file) !== undefined).toSorted((a, b) => rankOf(a) - rankOf(b));
  if (files.isPending) return <div />;
  if (paths.length === 0) return <div className="card card-body muted">{words.nothingToLook}</div>;
  return (
    <>
      {paths.slice(0, mostLooks).map((file) => (
        <QuickLook key={file.path} uploadId={uploadId} file={file} />
      ))}
    </>
  );
}

const mostLooks = 6;

/** What says most at a glance comes first. */
const rankOf = (file: { path: string; size: number }): number => ['picture', 'table', 'text'].indexOf(lookKind(file) ?? 'text');

function Facts({ entry }: { entry: Entry }): JSX.Element {
  const formula = formulaOf(entry);
  const type = textAt(entry, 'entry_type');
  const created = textAt(entry, 'entry_create_time');
  const mainfile = textAt(entry, 'mainfile') ?? '';
  return (
    <section className="card" aria-labelledby="facts">
      <div className="card-head">
        <h2 id="facts">{words.facts}</h2>
      </div>
      <div className="card-body">
        <KeyValue
          facts={[
            [words.material, formula === undefined ? undefined : <Formula formula={formula} />],
            [words.elements, textsAt(entry, 'results.material.elements').join(', ')],
            [words.type, type === undefined ? undefined : typeWords(type)],
            [words.method, textsAt(entry, 'results.eln.methods').join(', ')],
            [words.instrument, textsAt(entry, 'results.eln.instruments').join(', ')],
            [words.labId, textsAt(entry, 'results.eln.lab_ids').join(', ')],
            [words.tags, textsAt(entry, 'results.eln.tags').join(', ')],
            [words.author, textAt(entry, 'main_author.name')],
            [words.added, created === undefined ? undefined : formatMoment(created)],
            [
              words.mainfile,
              <Link
                key="file"
                to="/uploads/$id"
                params={{ id: textAt(entry, 'upload_id') ?? '' }}
                search={{ path: mainfile.includes('/') ? mainfile.slice(0, mainfile.lastIndexOf('/')) : undefined }}
              >
                {mainfile}
              </Link>,
            ],
            [words.readBy, textAt(entry, 'parser_name')],
            [words.state, <EntryStateBadge key="state" status={at(entry, 'processed') === false ? 'FAILURE' : 'SUCCESS'} notes={textsAt(entry, 'processing_errors').length} />],
          ]}
        />
      </div>
    </section>
  );
}

function ShareLink({ published }: { published: boolean }): JSX.Element {
  const link = `${window.location.origin}${window.location.pathname}`;
  return (
    <section className="card" aria-labelledby="link">
      <div className="card-head">
        <h2 id="link">{words.link}</h2>
      </div>
      <div className="card-body stack">
        <p className="muted table-text">{words.linkText(published)}</p>
        <div className="row">
          <CopyButton value={link} what="the link" label="Copy" />
        </div>
      </div>
    </section>
  );
}
