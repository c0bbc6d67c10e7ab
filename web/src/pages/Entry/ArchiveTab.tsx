import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { archiveQuery } from '../../api/queries/entries';
import { entryWords as words } from '../../messages/entry';
import { Empty } from '../../ui/Empty';
import { IconFileText } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { Tree } from '../../ui/Tree';
import { ArchiveCard } from './ArchiveCard';
import { moreMark, rowsOf, withAncestors } from './archiveRows';
import styles from './Entry.module.css';

const route = getRouteApi('/inside/entries/$id');

/** The whole archive: a tree at the left, the chosen place at the right. The chosen path is in the URL. */
export function ArchiveTab({ id, path }: { id: string; path: string }): JSX.Element {
  const archive = useQuery(archiveQuery(id));
  const navigate = route.useNavigate();
  const [open, setOpen] = useState(() => new Set(['data', ...withAncestors(path)]));
  const [limits, setLimits] = useState<Record<string, number>>({});
  // A reference may lead to a place that is still closed.
  const [seen, setSeen] = useState(path);
  if (seen !== path) {
    setSeen(path);
    setOpen(new Set([...open, ...withAncestors(path)]));
  }
  if (archive.isPending) return <RowSkeleton />;
  if (archive.isError) return <InlineProblem error={archive.error} onAgain={() => void archive.refetch()} />;
  const root = archive.data.archive;
  const rows = rowsOf(root, open, limits);
  if (rows.length === 0) return <Empty icon={IconFileText}>{words.noArchive}</Empty>;
  return (
    <div className={styles.archive}>
      <section className="card" aria-label={words.tree}>
        <Tree
          label={words.tree}
          rows={rows}
          chosen={path}
          onChoose={(chosen) => {
            if (chosen.endsWith(moreMark)) {
              const list = chosen.slice(0, -moreMark.length);
              setLimits({ ...limits, [list]: (limits[list] ?? 0) + 1 });
            } else {
              void navigate({ search: (before) => ({ ...before, path: chosen }), replace: true });
            }
          }}
          onToggle={(toggled, expand) => {
            const next = new Set(open);
            if (expand) next.add(toggled);
            else next.delete(toggled);
            setOpen(next);
          }}
        />
      </section>
      <ArchiveCard entryId={id} root={root} path={path} />
    </div>
  );
}
