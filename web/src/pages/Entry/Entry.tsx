import { useSuspenseQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, type JSX } from 'react';
import { apiUrl } from '../../api/address';
import { entryQuery } from '../../api/queries/entries';
import { uploadQuery } from '../../api/queries/uploads';
import { entryWords as words } from '../../messages/entry';
import { formatMoment } from '../../messages/format';
import { typeWords } from '../../messages/search';
import { nameOfUpload, uploadsWords } from '../../messages/uploads';
import { entryName, formulaOf, textAt, textsAt } from '../../parts/entryFacts';
import { VisibilitySentence } from '../../parts/VisibilitySentence';
import { useSession } from '../../session';
import { IconDownload } from '../../ui/icons';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { TabLinks } from '../../ui/TabLinks';
import { LinkToFile } from './LinkToFile';
import { Overview } from './Overview';
import styles from './Entry.module.css';

const route = getRouteApi('/inside/entries/$id');
const ArchiveTab = lazy(async () => ({ default: (await import('./ArchiveTab')).ArchiveTab }));
const FilesTab = lazy(async () => ({ default: (await import('./FilesTab')).FilesTab }));

/** One entry: what it is about, everything that was read, and the files it was read from. */
export function Entry(): JSX.Element {
  const { id } = route.useParams();
  const { tab = 'overview', path = '' } = route.useSearch();
  const { lab_name: lab } = useSession();
  const { data: entry } = useSuspenseQuery(entryQuery(id));
  const uploadId = textAt(entry, 'upload_id') ?? '';
  // An embargoed entry's description is public, its upload is not: then the page has no sentence about it.
  const upload = useQuery({ ...uploadQuery(uploadId), retry: false, throwOnError: false }).data;
  const name = entryName(entry);
  const created = textAt(entry, 'entry_create_time');
  const about = [kindOf(entry), textAt(entry, 'main_author.name'), created === undefined ? undefined : formatMoment(created)].filter((part) => part !== undefined);
  return (
    <>
      <PageHead
        title={name}
        tab={[name, uploadsWords.title, lab]}
        crumbs={
          <nav aria-label="Where this entry is" className="row" style={{ gap: 6 }}>
            <Link to="/uploads">{uploadsWords.title}</Link>
            <span aria-hidden="true">›</span>
            <Link to="/uploads/$id" params={{ id: uploadId }}>
              {upload === undefined ? (textAt(entry, 'upload_name') ?? uploadId) : nameOfUpload(upload)}
            </Link>
          </nav>
        }
        sub={about.join(' · ')}
        actions={
          <LinkToFile href={`${apiUrl()}/entries/${encodeURIComponent(id)}/archive/download`} icon={IconDownload}>
            {words.download}
          </LinkToFile>
        }
      />
      <div className="stack-l">
        {upload === undefined ? null : <VisibilitySentence upload={upload} />}
        <TabLinks label="Parts of this entry">
          {(['overview', 'archive', 'files'] as const).map((one) => (
            <Link
              key={one}
              to="/entries/$id"
              params={{ id }}
              search={one === 'overview' ? {} : { tab: one }}
              className={styles.tab}
              data-here={one === tab || undefined}
              aria-current={one === tab ? 'true' : undefined}
            >
              {words.tabs[one]}
            </Link>
          ))}
        </TabLinks>
        <Suspense fallback={<RowSkeleton />}>
          {tab === 'overview' ? <Overview entry={entry} /> : null}
          {tab === 'archive' ? <ArchiveTab key={id} id={id} path={path} /> : null}
          {tab === 'files' ? <FilesTab id={id} /> : null}
        </Suspense>
      </div>
    </>
  );
}

/** "Measurement of TiO2", as far as the entry tells. */
function kindOf(entry: unknown): string | undefined {
  const type = textAt(entry, 'entry_type');
  const method = textsAt(entry, 'results.eln.methods')[0];
  const kind = method ?? (type === undefined ? undefined : typeWords(type));
  const formula = formulaOf(entry as Record<string, unknown>);
  return kind === undefined ? formula : formula === undefined ? kind : `${kind} of ${formula}`;
}
