import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { Upload } from '../api/types';
import { accessWords } from '../messages/access';
import { publishWords } from '../messages/publish';
import { uploadWords as words } from '../messages/upload';
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconRefresh } from '../ui/icons';
import styles from './UploadSteps.module.css';
import type { UploadStep } from './stepsOfUpload';

type Mark = 'done' | 'open' | 'trouble' | 'running';

const icons = { done: IconCheck, open: IconCircleDashed, trouble: IconAlertTriangle, running: IconRefresh };

/** The step cards are the tabs of an upload; each says its status in words. */
export function UploadSteps({ upload, step }: { upload: Upload; step: UploadStep }): JSX.Element {
  const files: Mark = upload.files > 0 ? 'done' : 'open';
  const trouble = upload.entries_failed + upload.entries_with_warnings > 0 || upload.process_status === 'FAILURE';
  const entries: Mark = upload.process_running ? 'running' : trouble ? 'trouble' : upload.entries > 0 ? 'done' : 'open';
  const shared = upload.published || upload.viewers.length > 1 || upload.viewer_groups.length > 0;
  return (
    <nav className={styles.steps} aria-label="Parts of this upload">
      <Step upload={upload} to="files" here={step === 'files'} mark={files} status={words.filesStatus(upload)} />
      <Step upload={upload} to="entries" here={step === 'entries'} mark={entries} status={words.entriesStatus(upload)} />
      <Step upload={upload} to="access" here={step === 'access'} mark={shared ? 'done' : 'open'} status={accessWords.status(upload)} />
      <Step upload={upload} to="publish" here={step === 'publish'} mark={upload.published ? 'done' : 'open'} status={publishWords.status(upload)} />
    </nav>
  );
}

interface StepProps {
  upload: Upload;
  to: UploadStep;
  here: boolean;
  mark: Mark;
  status: string;
}

function Step({ upload, to, here, mark, status }: StepProps): JSX.Element {
  const Icon = icons[mark];
  return (
    <Link
      to="/uploads/$id"
      params={{ id: upload.upload_id }}
      search={to === 'files' ? {} : { step: to }}
      className={styles.step}
      data-here={here || undefined}
      aria-current={here ? 'step' : undefined}
    >
      <span className={styles.mark} data-mark={mark}>
        <Icon size={14} aria-hidden />
      </span>
      <span className={styles.words}>
        <span className="strong">{words.steps[to]}</span>
        <span className="muted table-text">{status}</span>
      </span>
    </Link>
  );
}
