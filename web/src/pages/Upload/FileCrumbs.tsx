import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { filesWords as words } from '../../messages/upload';
import { IconFolder } from '../../ui/icons';
import styles from './FilesStep.module.css';

/** The way from the root to the folder one is in; each part is a link. */
export function FileCrumbs({ uploadId, path }: { uploadId: string; path: string }): JSX.Element {
  const parts = path === '' ? [] : path.split('/');
  return (
    <nav aria-label="Folder">
      <ol className={styles.crumbs}>
        <li>
          <IconFolder size={16} aria-hidden />
          {parts.length === 0 ? (
            <span aria-current="true">{words.root}</span>
          ) : (
            <Link to="/uploads/$id" params={{ id: uploadId }} search={{}}>
              {words.root}
            </Link>
          )}
        </li>
        {parts.map((part, index) => {
          const here = parts.slice(0, index + 1).join('/');
          return (
            <li key={here}>
              <span aria-hidden="true">/</span>
              {index === parts.length - 1 ? (
                <span aria-current="true">{part}</span>
              ) : (
                <Link to="/uploads/$id" params={{ id: uploadId }} search={{ path: here }}>
                  {part}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
