import { useQuery } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { rawFileUrl } from '../../api/address';
import { fileStartQuery } from '../../api/queries/files';
import { entryWords as words } from '../../messages/entry';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { lookKind, readTable } from './kinds';
import styles from './Entry.module.css';

interface LookFile {
  path: string;
  size: number;
}

const piece = 65_536;

/** A file shown in place: a picture, the first rows of a table, or the start of a text. */
export function QuickLook({ uploadId, file }: { uploadId: string; file: LookFile }): JSX.Element {
  const name = file.path.split('/').at(-1) ?? file.path;
  const kind = lookKind(file);
  return (
    <section className="card" aria-label={name}>
      <div className="card-head">
        <h2 className={styles.breaks}>{name}</h2>
        <a href={rawFileUrl(uploadId, file.path)} download aria-label={words.file(name)} className="small">
          {words.downloadShort}
        </a>
      </div>
      <div className="card-body">
        {kind === 'picture' ? <Picture src={rawFileUrl(uploadId, file.path)} name={name} /> : <Beginning uploadId={uploadId} file={file} name={name} />}
      </div>
    </section>
  );
}

function Picture({ src, name }: { src: string; name: string }): JSX.Element {
  const [broken, setBroken] = useState(false);
  if (broken) return <p className="muted">{words.noPicture}</p>;
  return (
    <img
      className={styles.picture}
      src={src}
      alt={words.image(name)}
      loading="lazy"
      onError={() => {
        setBroken(true);
      }}
    />
  );
}

function Beginning({ uploadId, file, name }: { uploadId: string; file: LookFile; name: string }): JSX.Element {
  const start = useQuery(fileStartQuery(uploadId, file.path, piece));
  if (start.isPending) return <RowSkeleton rows={3} />;
  if (start.isError) return <InlineProblem error={start.error} onAgain={() => void start.refetch()} />;
  if (lookKind(file) === 'table') return <Sheet rows={readTable(start.data, file.size <= piece)} name={name} />;
  return (
    // A long text scrolls; scrolling by keyboard needs the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.value} tabIndex={0} role="region" aria-label={words.startOf(name)}>
      {start.data}
    </div>
  );
}

function Sheet({ rows, name }: { rows: string[][]; name: string }): JSX.Element {
  const [head = [], ...body] = rows;
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolling by keyboard needs the focus */}
      <div className={styles.sheet} tabIndex={0} role="region" aria-label={words.tableOf(name)}>
        <table>
          <thead>
            <tr>
              {head.map((cell, index) => (
                <th key={`${index} ${cell}`} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, index) => (
              <tr key={`${index} ${row[0] ?? ''}`}>
                {row.map((cell, column) => (
                  <td key={`${column} ${cell}`}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">{words.rows(body.length)}</p>
    </>
  );
}
