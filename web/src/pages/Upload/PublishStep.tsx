import { Button, NativeSelect, Radio } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { actOnUpload, publishUpload } from '../../api/queries/uploads';
import type { Upload } from '../../api/types';
import { notesOf, publishWords as words } from '../../messages/publish';
import { nameOfUpload } from '../../messages/uploads';
import { InlineProblem } from '../../ui/InlineProblem';
import { Says } from '../../ui/Says';
import { toastStore } from '../../ui/toastStore';
import { EmbargoCalendar } from './EmbargoCalendar';
import styles from './PublishStep.module.css';
import { rightTo } from '../../parts/uploadRights';
import { useUploadChange } from '../../parts/useUploadChange';

const Confirm = lazy(async () => ({ default: (await import('../../ui/Confirm')).Confirm }));
const ConfirmPublish = lazy(async () => ({ default: (await import('./ConfirmPublish')).ConfirmPublish }));

const longest = 36;

/** Step "Publish": what is in the way, when everyone may read it, and what that means, before the one click that cannot be undone. */
export function PublishStep({ upload }: { upload: Upload }): JSX.Element {
  return (
    <section className="card" aria-labelledby="publish">
      <div className="card-head">
        <h2 id="publish">{words.title}</h2>
      </div>
      <div className="card-body stack-l">{upload.published ? <Published upload={upload} /> : <Unpublished upload={upload} />}</div>
    </section>
  );
}

function Unpublished({ upload }: { upload: Upload }): JSX.Element {
  const [months, setMonths] = useState(upload.embargo_length);
  // What is shown must not change by the second.
  const [now] = useState(() => new Date().toISOString());
  const [asking, setAsking] = useState(false);
  const name = nameOfUpload(upload);
  const publish = useUploadChange(
    upload.upload_id,
    (embargo: number) => publishUpload(upload.upload_id, embargo),
    () => {
      setAsking(false);
      toastStore.show({ text: words.done(name), tone: 'plain' }, 6);
    },
  );
  const right = rightTo(upload, 'publishUpload');
  if (!right.ok) return <Says tone="plain">{words.cannot(right.why ?? '')}</Says>;
  const notes = notesOf(upload);
  const consequence = (
    <Says tone={months === 0 ? 'warn' : 'info'} more={[...(months === 0 ? [] : [words.until]), words.final].join(' ')}>
      <strong>{words.from(now, months)}</strong>
    </Says>
  );
  return (
    <>
      {notes.length === 0 ? null : (
        <ul className="stack">
          {notes.map(({ blocks, text, step }) => (
            <li key={text}>
              <Says
                tone={blocks ? 'warn' : 'plain'}
                action={
                  step === undefined ? undefined : (
                    <Link to="/uploads/$id" params={{ id: upload.upload_id }} search={step === 'files' ? {} : { step }}>
                      {words.toStep[step]}
                    </Link>
                  )
                }
              >
                {text}
              </Says>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.when}>
        <Radio.Group
          label={words.when}
          value={months === 0 ? 'now' : 'later'}
          onChange={(value) => {
            setMonths(value === 'now' ? 0 : Math.max(upload.embargo_length, 12));
          }}
        >
          <div className={styles.choices}>
            <Radio value="now" label={words.atOnce} />
            <Radio value="later" label={words.later} />
          </div>
        </Radio.Group>
        {months === 0 ? null : (
          <div className="stack">
            <NativeSelect
              label={words.months}
              className={styles.months}
              value={String(months)}
              data={Array.from({ length: longest }, (_, index) => String(index + 1))}
              onChange={({ currentTarget: { value } }) => {
                setMonths(Number(value));
              }}
            />
            <EmbargoCalendar from={now} months={months} />
          </div>
        )}
      </div>
      {consequence}
      <p className="table-text muted">{words.licence(upload.license)}</p>
      <div>
        <Button
          disabled={notes.some(({ blocks }) => blocks)}
          onClick={() => {
            setAsking(true);
          }}
        >
          {words.act(upload)}
        </Button>
      </div>
      <Suspense>
        {asking ? (
          <ConfirmPublish
            upload={upload}
            pending={publish.isPending}
            error={publish.error}
            onAct={() => {
              publish.mutate(months);
            }}
            onClose={() => {
              setAsking(false);
              publish.reset();
            }}
          >
            {consequence}
          </ConfirmPublish>
        ) : null}
      </Suspense>
    </>
  );
}

function Published({ upload }: { upload: Upload }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const lift = useUploadChange(
    upload.upload_id,
    () => actOnUpload(upload.upload_id, 'lift-embargo'),
    () => {
      setAsking(false);
      toastStore.show({ text: words.lifted, tone: 'plain' }, 6);
    },
  );
  const since = upload.publish_time ?? upload.upload_create_time;
  return (
    <>
      <Says tone={upload.with_embargo ? 'info' : 'ok'} more={upload.with_embargo ? words.ends : words.licence(upload.license)}>
        <strong>{upload.with_embargo ? words.embargoed(since, upload.embargo_length) : words.published(since)}</strong>
      </Says>
      {upload.with_embargo ? <EmbargoCalendar from={since} months={upload.embargo_length} /> : null}
      {upload.with_embargo && rightTo(upload, 'liftEmbargo').ok ? (
        <div>
          <Button
            variant="default"
            onClick={() => {
              setAsking(true);
            }}
          >
            {words.lift}
          </Button>
        </div>
      ) : null}
      <Suspense>
        {asking ? (
          <Confirm
            title={words.liftTitle(nameOfUpload(upload))}
            act={words.liftAct}
            pending={lift.isPending}
            onAct={() => {
              lift.mutate(undefined);
            }}
            onClose={() => {
              setAsking(false);
              lift.reset();
            }}
          >
            <p>{words.liftText}</p>
            {lift.isError ? <InlineProblem error={lift.error} /> : null}
          </Confirm>
        ) : null}
      </Suspense>
    </>
  );
}
