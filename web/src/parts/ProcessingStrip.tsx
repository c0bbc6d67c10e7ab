import { Button } from '@mantine/core';
import { useState, type JSX } from 'react';
import { actOnUpload } from '../api/queries/uploads';
import type { Upload } from '../api/types';
import { processWords } from '../messages/publish';
import { uploadWords as words } from '../messages/upload';
import { progressOf } from '../messages/uploads';
import { Bar } from '../ui/Bar';
import { InlineProblem } from '../ui/InlineProblem';
import { Says } from '../ui/Says';
import styles from './Strip.module.css';
import { rightTo } from './uploadRights';
import { useUploadChange } from './useUploadChange';

/** While files are read: how far it is. After a failed run: why. The live region speaks at the start, each quarter and the end. */
export function ProcessingStrip({ upload }: { upload: Upload }): JSX.Element {
  const progress = progressOf(upload);
  const sentence = progress === undefined ? words.reading : words.readingSome(progress.done, progress.total);
  const quarter = progress === undefined ? 0 : Math.floor((4 * progress.done) / Math.max(1, progress.total));
  const spoken = useSpoken(upload.process_running, quarter, sentence);
  const stop = useUploadChange(upload.upload_id, () => actOnUpload(upload.upload_id, 'stop-processing'));
  return (
    <>
      <div className="hidden-text" aria-live="polite">
        {spoken}
      </div>
      {upload.process_running ? (
        <div className={styles.strip}>
          <div className="spread">
            <strong>{sentence}</strong>
            <span className="muted table-text">
              {progress === undefined && upload.last_status_message !== undefined ? `${upload.last_status_message} · ` : ''}
              {words.leave}
              {rightTo(upload, 'stopProcessing').ok ? (
                <Button
                  size="compact-sm"
                  variant="default"
                  ml={8}
                  loading={stop.isPending}
                  onClick={() => {
                    stop.mutate(undefined);
                  }}
                >
                  {processWords.stop}
                </Button>
              ) : null}
            </span>
          </div>
          {stop.isError ? <InlineProblem error={stop.error} /> : null}
          <Bar value={progress === undefined ? null : progress.done / Math.max(1, progress.total)} label={words.reading} />
        </div>
      ) : null}
      {!upload.process_running && upload.process_status === 'FAILURE' ? (
        <Says tone="bad" more={upload.errors.join(' ')}>
          {upload.last_status_message ?? words.failedRun}
        </Says>
      ) : null}
    </>
  );
}

/** What is read out: the sentence as it was when the quarter changed, and that it ended. */
function useSpoken(running: boolean, quarter: number, sentence: string): string {
  const [told, setTold] = useState<{ quarter: number; text: string } | undefined>(undefined);
  if (running && told?.quarter !== quarter) setTold({ quarter, text: sentence });
  if (!running && told !== undefined && told.quarter !== -1) setTold({ quarter: -1, text: words.readAll });
  return told?.text ?? '';
}
