import { useQueries, useQuery } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { uploadQuery, uploadsNamedQuery } from '../../api/queries/uploads';
import type { Upload } from '../../api/types';
import { limitsWords as words } from '../../messages/tokenLimits';
import { Chips } from '../../ui/Chips';
import { FilterField } from '../../ui/FilterField';
import { IconPlus } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import styles from './NewToken.module.css';

const nameOf = (upload: Pick<Upload, 'upload_name' | 'upload_id'>): string => upload.upload_name ?? `${words.unnamed} ${upload.upload_id.slice(0, 6)}…`;

/** Chooses from one's own uploads, by typing a part of the name. */
export function UploadPick({ chosen, onChange }: { chosen: string[]; onChange: (chosen: string[]) => void }): JSX.Element {
  const [text, setText] = useState('');
  const found = useQuery(uploadsNamedQuery(text));
  // A chosen upload that is gone, or not to be seen, keeps its id: the server says what is wrong with it.
  const names = useQueries({ queries: chosen.map((id) => uploadQuery(id)) });
  const offered = (found.data ?? []).filter(({ upload_id: id }) => !chosen.includes(id));
  return (
    <div className="stack">
      <Chips
        label={words.chosen}
        chips={chosen.map((id, index) => {
          const upload = names[index]?.data;
          const name = upload === undefined ? id : nameOf(upload);
          return {
            key: id,
            label: name,
            removeLabel: words.remove(name),
            onRemove: () => {
              onChange(chosen.filter((one) => one !== id));
            },
          };
        })}
        clear={words.clear}
        onClear={() => {
          onChange([]);
        }}
      />
      <div className={styles.pick}>
        <FilterField label={words.findUpload} value={text} onChange={setText} size="sm" />
        {found.isError ? <InlineProblem error={found.error} onAgain={() => void found.refetch()} /> : null}
        <ul aria-label={words.offered} aria-busy={found.isFetching}>
          {offered.map((upload) => (
            <li key={upload.upload_id}>
              <button
                type="button"
                className={styles.offer}
                aria-label={words.add(nameOf(upload))}
                onClick={() => {
                  onChange([...chosen, upload.upload_id]);
                }}
              >
                <IconPlus size={16} aria-hidden />
                <span className="clip">{nameOf(upload)}</span>
              </button>
            </li>
          ))}
        </ul>
        {found.data !== undefined && found.data.length === 0 ? <p className="small muted">{text === '' ? words.noUploads : words.noUpload}</p> : null}
      </div>
    </div>
  );
}
