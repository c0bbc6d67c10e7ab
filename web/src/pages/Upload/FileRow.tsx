import { ActionIcon } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { rawFileUrl } from '../../api/address';
import type { FolderItem } from '../../api/types';
import { formatBytes } from '../../messages/format';
import { filesWords as words } from '../../messages/upload';
import { IconDownload, IconFile, IconFileText, IconFolder, IconTrash } from '../../ui/icons';
import { StateBadge } from '../../ui/StateBadge';
import styles from './FilesStep.module.css';

interface FileRowProps {
  uploadId: string;
  path: string;
  item: FolderItem;
  onRemove: (() => void) | undefined;
}

/** One file or folder: open, size, the entry made of it, download, delete. */
export function FileRow({ uploadId, path, item, onRemove }: FileRowProps): JSX.Element {
  const folder = !item.is_file;
  const Icon = folder ? IconFolder : IconFile;
  return (
    <div className={styles.row} data-folder={folder || undefined}>
      <span className={styles.name} data-folder={folder || undefined}>
        <Icon size={18} stroke={1.6} aria-hidden />
        {folder ? (
          <Link to="/uploads/$id" params={{ id: uploadId }} search={{ path }} className="plain-link clip" title={item.name}>
            {item.name}/
          </Link>
        ) : (
          <a href={rawFileUrl(uploadId, path)} className="plain-link clip" title={item.name} download>
            {item.name}
          </a>
        )}
      </span>
      <span className={styles.entryLink}>
        {item.entry_id === undefined ? null : (
          <Link to="/entries/$id" params={{ id: item.entry_id }} aria-label={`Entry of ${item.name}`}>
            <StateBadge tone="info" icon={IconFileText}>
              {words.entry}
            </StateBadge>
          </Link>
        )}
      </span>
      <span className={styles.size}>{formatBytes(item.size)}</span>
      <span className={styles.acts}>
        <ActionIcon
          component="a"
          href={rawFileUrl(uploadId, path, folder)}
          download
          variant="subtle"
          size={32}
          color="var(--muted)"
          aria-label={words.download(item.name)}
          title={words.download(item.name)}
        >
          <IconDownload size={16} aria-hidden />
        </ActionIcon>
        {onRemove === undefined ? null : (
          <ActionIcon variant="subtle" size={32} color="var(--muted)" aria-label={words.remove(item.name)} title={words.remove(item.name)} onClick={onRemove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        )}
      </span>
    </div>
  );
}
