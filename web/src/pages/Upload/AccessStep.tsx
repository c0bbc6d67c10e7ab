import { Radio } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { editUpload, type UploadEdit } from '../../api/queries/uploads';
import type { Upload } from '../../api/types';
import { accessWords as words } from '../../messages/access';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { Says } from '../../ui/Says';
import styles from './AccessStep.module.css';
import { MemberRows } from './MemberRows';
import { rightTo } from '../../parts/uploadRights';
import { useUploadChange } from '../../parts/useUploadChange';

/** Step "Who may see it": people and groups with what each may do, and everybody else. Each change is saved by itself. */
export function AccessStep({ upload }: { upload: Upload }): JSX.Element {
  const change = useUploadChange(upload.upload_id, (edit: UploadEdit) => editUpload(upload.upload_id, edit));
  const right = rightTo(upload, 'editUpload');
  return (
    <div className={styles.columns}>
      <section className="card" aria-labelledby="members">
        <div className="card-head">
          <h2 id="members">{words.title}</h2>
          <span className="small muted" role="status">
            {change.isSuccess ? words.saved : ''}
          </span>
        </div>
        <div className="card-body stack">
          {right.ok ? null : <Says tone="plain">{words.cannot(right.why ?? '')}</Says>}
          {change.isError ? <InlineProblem error={change.error} /> : null}
          <MemberRows upload={upload} mayEdit={right.ok} busy={change.isPending} onChange={change.mutate} />
          <p className="small muted">{words.what}</p>
        </div>
      </section>
      <div className="stack-l">
        <Everyone upload={upload} mayEdit={right.ok} busy={change.isPending} onChange={change.mutate} />
        <section className="card" aria-labelledby="standing">
          <div className="card-body stack">
            <h2 id="standing">{words.standing}</h2>
            <p className="table-text">{words.standingMore}</p>
            <Link to="/groups">{words.standingAct}</Link>
          </div>
        </section>
      </div>
    </div>
  );
}

interface EveryoneProps {
  upload: Upload;
  mayEdit: boolean;
  busy: boolean;
  onChange: (edit: UploadEdit) => void;
}

function Everyone({ upload, mayEdit, busy, onChange }: EveryoneProps): JSX.Element {
  const { lab_name: lab, require_authentication: closed } = useSession();
  const open = upload.reviewer_groups.includes('all');
  return (
    <section className="card" aria-labelledby="everyone">
      <div className="card-head">
        <h2 id="everyone">{words.others}</h2>
      </div>
      <div className="card-body stack">
        {upload.published ? <p className="table-text">{upload.with_embargo ? words.othersEmbargo : words.othersPublished}</p> : null}
        {upload.published && !upload.with_embargo ? null : (
          <Radio.Group
            aria-labelledby="everyone"
            value={open ? 'here' : 'no'}
            onChange={(value) => {
              onChange({ reviewer_groups: value === 'here' ? { add: ['all'] } : { remove: ['all'] } });
            }}
          >
            <div className={styles.choices}>
              <Radio value="no" label={words.othersNo} disabled={!mayEdit || busy} />
              <Radio value="here" label={words.othersHere(lab, closed)} description={words.othersHereMore(closed)} disabled={!mayEdit || busy} />
              <Radio value="world" label={words.othersWorld} description={words.othersWorldMore} disabled />
            </div>
          </Radio.Group>
        )}
      </div>
    </section>
  );
}
