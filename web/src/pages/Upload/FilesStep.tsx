import { Button } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, useSyncExternalStore, type JSX } from 'react';
import { rawFileUrl } from '../../api/address';
import { folderQuery, uploadKeys } from '../../api/queries/uploads';
import type { FolderItem, Upload } from '../../api/types';
import { filesWords as words } from '../../messages/upload';
import { DropVeil } from '../../parts/DropVeil';
import { useDrop } from '../../parts/useDrop';
import { Empty } from '../../ui/Empty';
import { FilePick } from '../../ui/FilePick';
import { FilterField } from '../../ui/FilterField';
import { IconDownload, IconFolder, IconFolderUp, IconUpload } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { VirtualList } from '../../ui/VirtualList';
import { FileCrumbs } from './FileCrumbs';
import { FileRow } from './FileRow';
import { removals, removeFile } from './removals';
import { mayChangeFiles } from '../../parts/uploadRights';
import { useAddFiles } from './useAddFiles';
import styles from './FilesStep.module.css';

const ConflictQuestion = lazy(async () => ({ default: (await import('./ConflictQuestion')).ConflictQuestion }));

/** Step "Files": walk through the folders, add by dropping or choosing, download, delete with undo. */
export function FilesStep({ upload, path }: { upload: Upload; path: string }): JSX.Element {
  const id = upload.upload_id;
  const may = mayChangeFiles(upload);
  const { add, conflict, settle } = useAddFiles(id, path);
  const over = useDrop(may, add.mutate);
  return (
    <section className="card" aria-label="Files">
      <div className={styles.bar}>
        <FileCrumbs uploadId={id} path={path} />
        <div className={styles.buttons}>
          {path === '' ? null : (
            <Button component="a" href={rawFileUrl(id, path, true)} download size="xs" variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
              {words.downloadFolder}
            </Button>
          )}
          {may ? (
            <>
              <FilePick folder size="xs" variant="default" leftSection={<IconFolderUp size={16} aria-hidden />} onFiles={add.mutate}>
                {words.addFolder}
              </FilePick>
              <FilePick size="xs" loading={add.isPending} leftSection={<IconUpload size={16} aria-hidden />} onFiles={add.mutate}>
                {words.add}
              </FilePick>
            </>
          ) : null}
        </div>
      </div>
      {add.isError ? (
        <div className="card-body">
          <InlineProblem error={add.error} />
        </div>
      ) : null}
      <Folder key={path} upload={upload} path={path} may={may} />
      <div className={styles.hint}>{may ? words.hint : upload.published ? words.hintFixed : null}</div>
      {over ? <DropVeil text={words.drop(path)} /> : null}
      <Suspense>{conflict === undefined ? null : <ConflictQuestion conflict={conflict} onSettle={settle} />}</Suspense>
    </section>
  );
}

function Folder({ upload, path, may }: { upload: Upload; path: string; may: boolean }): JSX.Element {
  const id = upload.upload_id;
  const queries = useQueryClient();
  const [filter, setFilter] = useState('');
  const folder = useInfiniteQuery(folderQuery(id, path, upload.process_running));
  const removed = useSyncExternalStore(removals.subscribe, removals.get);
  if (folder.isPending) return <RowSkeleton />;
  if (folder.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={folder.error} onAgain={() => void folder.refetch()} />
      </div>
    );
  }
  const hidden = new Set(removed.filter((one) => one.uploadId === id).map((one) => one.path));
  const pathOf = (item: FolderItem): string => (path === '' ? item.name : `${path}/${item.name}`);
  const all = folder.data.pages.flatMap((page) => page.directory_metadata?.content ?? []).filter((item) => !hidden.has(pathOf(item)));
  const items = foldersFirst(all.filter((item) => item.name.toLowerCase().includes(filter.toLowerCase())));
  if (all.length === 0) return <Empty icon={IconFolder}>{may ? words.empty : words.emptyFixed}</Empty>;
  return (
    <>
      {all.length > filterFrom ? (
        <div className={styles.filter}>
          <FilterField label={words.filter} value={filter} onChange={setFilter} pageFilter size="xs" />
        </div>
      ) : null}
      {items.length === 0 ? <Empty icon={IconFolder}>{words.none}</Empty> : null}
      <VirtualList
        label="Files in this folder"
        items={items}
        itemKey={(item) => item.name}
        rowHeight={rowHeight}
        maxHeight="62vh"
        row={(item) => (
          <FileRow
            uploadId={id}
            path={pathOf(item)}
            item={item}
            onRemove={
              may
                ? () => {
                    removeFile(id, pathOf(item), () => void queries.invalidateQueries({ queryKey: uploadKeys.one(id) }));
                  }
                : undefined
            }
          />
        )}
      />
      {folder.hasNextPage ? (
        <div className={styles.hint}>
          <Button size="xs" variant="default" loading={folder.isFetchingNextPage} onClick={() => void folder.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      ) : null}
    </>
  );
}

const filterFrom = 8;
const rowHeight = 44;

const foldersFirst = (items: FolderItem[]): FolderItem[] => [...items.filter((item) => !item.is_file), ...items.filter((item) => item.is_file)];
