import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { entryWords as words } from '../../messages/entry';
import { CopyButton } from '../../ui/CopyButton';
import { KeyValue } from '../../ui/KeyValue';
import { childrenOf, definitionOf, hasPlaces, referenceOf, valueAt } from './archive';
import { fullValue, shortValue } from './values';
import styles from './Entry.module.css';

interface ArchiveCardProps {
  entryId: string;
  root: unknown;
  path: string;
}

/** The chosen place: a value in full, or the quantities of a section; with its path to copy. */
export function ArchiveCard({ entryId, root, path }: ArchiveCardProps): JSX.Element {
  const value = path === '' ? undefined : valueAt(root, path);
  const name = path.split('/').at(-1) ?? '';
  if (value === undefined) {
    return <section className="card card-body muted">{path === '' ? words.chooseSomething : words.notThere(path)}</section>;
  }
  const definition = definitionOf(value);
  return (
    <section className={`card ${styles.detail ?? ''}`} aria-label={name}>
      <div className="card-head">
        <h2 className={styles.breaks}>{name}</h2>
      </div>
      <div className="card-body stack">
        {hasPlaces(value) ? <Section entryId={entryId} value={value} path={path} /> : <Value entryId={entryId} value={value} />}
        {definition === undefined ? null : <KeyValue facts={[[words.definedBy, <code key="definition">{definition}</code>]]} />}
        <div className={styles.path}>
          <code className={styles.breaks}>{path}</code>
          <CopyButton value={path} what="the path" />
        </div>
      </div>
    </section>
  );
}

function Section({ entryId, value, path }: { entryId: string; value: unknown; path: string }): JSX.Element {
  return (
    <KeyValue
      facts={childrenOf(value)
        .slice(0, mostFacts)
        .map(([name, child]) => [
          name,
          hasPlaces(child) ? (
            <Link to="/entries/$id" params={{ id: entryId }} search={{ tab: 'archive', path: `${path}/${name}` }}>
              {Array.isArray(child) ? words.items(child.length) : name}
            </Link>
          ) : (
            <ShortValue entryId={entryId} value={child} />
          ),
        ])}
    />
  );
}

const mostFacts = 100;

function ShortValue({ entryId, value }: { entryId: string; value: unknown }): JSX.Element {
  return referenceOf(value) === undefined ? <span>{shortValue(value)}</span> : <ReferenceLink entryId={entryId} value={value} />;
}

function Value({ entryId, value }: { entryId: string; value: unknown }): JSX.Element {
  return (
    <>
      {/* A long value scrolls; scrolling by keyboard needs the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.value} tabIndex={0} role="region" aria-label={words.value}>
        {fullValue(value)}
      </div>
      <ReferenceLink entryId={entryId} value={value} />
    </>
  );
}

function ReferenceLink({ entryId, value }: { entryId: string; value: unknown }): JSX.Element | null {
  const reference = referenceOf(value);
  if (reference === undefined) return null;
  return (
    <Link to="/entries/$id" params={{ id: reference.entryId ?? entryId }} search={{ tab: 'archive', path: reference.path === '' ? undefined : reference.path }}>
      {words.follow}
    </Link>
  );
}
