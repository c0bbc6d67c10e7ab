import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { explainAccess, operationsQuery } from '../../api/queries/policy';
import type { ExplainAnswer, ExplainQuestion } from '../../api/types';
import { askWords as words } from '../../messages/policy';
import { stepName } from '../../messages/refusal';
import { InlineProblem } from '../../ui/InlineProblem';
import { PathSteps } from '../../ui/PathSteps';
import { Says } from '../../ui/Says';
import styles from './AdminAccess.module.css';
import type { AskSearch } from './url';

type Kind = keyof typeof words.kinds;

/** May somebody do something? The answer comes with the way through the flowchart. */
export function Ask({ begun }: { begun: AskSearch }): JSX.Element {
  const operations = useQuery(operationsQuery);
  const [user, setUser] = useState(begun.user ?? '');
  const [operation, setOperation] = useState(begun.operation ?? '');
  const [kind, setKind] = useState<Kind>('session');
  const [upload, setUpload] = useState('');
  const [address, setAddress] = useState('');
  const onUpload = operations.data?.find((one) => one.operation === operation)?.upload === true;
  const ask = useMutation({ mutationFn: explainAccess });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const question: ExplainQuestion = { operation };
    if (user.trim() !== '') {
      question.user = user.trim();
      question.credential = { kind };
    }
    if (onUpload && upload.trim() !== '') question.upload_id = upload.trim();
    if (address.trim() !== '') question.address = address.trim();
    ask.mutate(question);
  };
  return (
    <section className="card" id="ask" aria-labelledby="ask-title">
      <div className="card-head">
        <h2 id="ask-title">{words.title}</h2>
        <span className="muted small">{words.sub}</span>
      </div>
      <div className="card-body stack-l">
        <form onSubmit={submit} className={styles.ask}>
          <TextInput
            label={words.user}
            placeholder={words.userHint}
            autoComplete="off"
            autoCapitalize="none"
            value={user}
            onChange={({ currentTarget: { value } }) => {
              setUser(value);
            }}
          />
          <NativeSelect
            label={words.operation}
            required
            withAsterisk={false}
            value={operation}
            data={[{ value: '', label: words.choose }, ...(operations.data ?? []).map((one) => ({ value: one.operation, label: `${one.summary} (${one.operation})` }))]}
            onChange={({ currentTarget: { value } }) => {
              setOperation(value);
            }}
          />
          {user.trim() === '' ? null : (
            <NativeSelect
              label={words.by}
              value={kind}
              data={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
              onChange={({ currentTarget: { value } }) => {
                setKind(value as Kind);
              }}
            />
          )}
          {onUpload ? (
            <TextInput
              label={words.upload}
              placeholder={words.uploadHint}
              value={upload}
              onChange={({ currentTarget: { value } }) => {
                setUpload(value);
              }}
            />
          ) : null}
          <TextInput
            label={words.address}
            placeholder={words.addressHint}
            value={address}
            onChange={({ currentTarget: { value } }) => {
              setAddress(value);
            }}
          />
          <div>
            <Button type="submit" variant="default" loading={ask.isPending}>
              {words.act}
            </Button>
          </div>
        </form>
        {operations.isError ? <InlineProblem error={operations.error} onAgain={() => void operations.refetch()} /> : null}
        {ask.isError ? <InlineProblem error={ask.error} /> : null}
        {ask.data === undefined ? null : <Answer answer={ask.data} />}
      </div>
    </section>
  );
}

function Answer({ answer }: { answer: ExplainAnswer }): JSX.Element {
  const { allowed, status, detail, decision } = answer;
  return (
    <div className="stack-l">
      <Says tone={allowed ? 'ok' : 'bad'} role="status" more={decision.help}>
        <strong>{allowed ? words.yes : words.no(status)}</strong> {detail}
      </Says>
      <PathSteps steps={decision.steps.map((step) => ({ name: stepName(step.step), outcome: step.outcome, text: step.text }))} />
    </div>
  );
}
