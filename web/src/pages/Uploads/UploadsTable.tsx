import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { namesQuery } from '../../api/queries/users';
import type { Upload } from '../../api/types';
import { formatNumber } from '../../messages/format';
import { nameOfUpload, sizeOfUpload, uploadsWords as words } from '../../messages/uploads';
import { AudienceBadge } from '../../parts/AudienceBadge';
import { UploadStateBadge } from '../../parts/UploadStateBadge';
import { useUser } from '../../session';
import { DataTable, type Column } from '../../ui/DataTable';
import { TimeAgo } from '../../ui/TimeAgo';

/** The list itself; on a phone each row is a card. */
export function UploadsTable({ uploads, stale }: { uploads: Upload[]; stale: boolean }): JSX.Element {
  const me = useUser()?.user_id;
  const others = uploads.map((upload) => upload.main_author).filter((id) => id !== me);
  const names = useQuery(namesQuery(others)).data;
  const columns: Column<Upload>[] = [
    {
      id: 'name',
      header: words.columns.name,
      card: 'title',
      cell: (upload) => {
        const author = upload.main_author === me ? undefined : names?.get(upload.main_author);
        const below = author === undefined ? sizeOfUpload(upload) : `${words.by(author)} · ${sizeOfUpload(upload)}`;
        return (
          <>
            <Link to="/uploads/$id" params={{ id: upload.upload_id }} className="plain-link strong">
              {nameOfUpload(upload)}
            </Link>
            <div className="small muted">{below}</div>
          </>
        );
      },
    },
    { id: 'entries', header: words.columns.entries, align: 'end', card: 'hidden', width: '90px', cell: (upload) => formatNumber(upload.entries) },
    { id: 'state', header: words.columns.state, card: 'start', width: '200px', cell: (upload) => <UploadStateBadge upload={upload} /> },
    {
      id: 'who',
      header: words.columns.who,
      card: 'end',
      width: '220px',
      cell: (upload) => <AudienceBadge upload={upload} mine={upload.main_author === me} />,
    },
    { id: 'created', header: words.columns.created, card: 'corner', width: '120px', cell: (upload) => <TimeAgo iso={upload.upload_create_time} /> },
  ];
  return <DataTable label={words.title} columns={columns} rows={uploads} rowKey={(upload) => upload.upload_id} stale={stale} />;
}
