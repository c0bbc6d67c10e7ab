import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter, useRouterState, type ErrorComponentProps } from '@tanstack/react-router';
import type { JSX } from 'react';
import { ProblemError } from '../api/problem';
import { refusalWords, stepName } from '../messages/refusal';
import { signInWords } from '../messages/signin';
import { nameOfContact, useSession } from '../session';
import { CopyButton } from '../ui/CopyButton';
import { IconPlugConnectedX, IconShieldX } from '../ui/icons';
import { PageHead } from '../ui/PageHead';
import { PathSteps } from '../ui/PathSteps';
import { Initials } from './Initials';
import { SignInForm } from './SignInForm';
import styles from './Refusal.module.css';

/** What a page becomes when its data cannot be had: sign-in for 401, the decision for 403, one sentence for what is missing or hidden, else the problem and a way on. The URL stays. */
export function Refusal({ error, reset }: ErrorComponentProps): JSX.Element {
  const router = useRouter();
  const queries = useQueryClient();
  const again = (): void => {
    reset();
    void queries.invalidateQueries();
    void router.invalidate();
  };
  if (error instanceof ProblemError && error.status === 401) return <SignInHere problem={error} onSignedIn={again} />;
  if (error instanceof ProblemError && hides(error)) return <Hidden problem={error} onAgain={again} />;
  if (error instanceof ProblemError) return <ProblemPage problem={error} onAgain={again} />;
  return <Failure error={error instanceof Error ? error : new Error(String(error))} onAgain={again} />;
}

function SignInHere({ problem, onSignedIn }: { problem: ProblemError; onSignedIn: () => void }): JSX.Element {
  const { lab_name: lab } = useSession();
  return (
    <div className={styles.narrow}>
      <PageHead title={signInWords.title} tab={[signInWords.title, lab]} sub={signInWords.goOn} />
      <div className="card card-body">
        <SignInForm onSignedIn={onSignedIn} />
      </div>
      <RequestLine problem={problem} />
    </div>
  );
}

/** Whether the answer is about the thing asked for, not about the person: then the page does not tell missing from hidden. */
function hides(problem: ProblemError): boolean {
  if (problem.status === 404) return true;
  return problem.status === 403 && problem.decision?.steps.some(({ step, outcome }) => step === 'object' && outcome === 'stopped') === true;
}

function Hidden({ problem, onAgain }: { problem: ProblemError; onAgain: () => void }): JSX.Element {
  const { lab_name: lab } = useSession();
  const title = refusalWords.hidden(useRouterState({ select: (state) => state.location.pathname }));
  return (
    <div className={styles.page}>
      <div className={styles.headline}>
        <span className={styles.sign}>
          <IconShieldX size={24} stroke={1.6} aria-hidden />
        </span>
        <PageHead title={title} tab={[title, lab]} sub={refusalWords.hiddenMore} />
      </div>
      <div className="spread">
        <div className="row">
          <Button variant="default" onClick={onAgain}>
            {refusalWords.again}
          </Button>
          <Link to="/search">{refusalWords.back}</Link>
        </div>
        <RequestLine problem={problem} />
      </div>
    </div>
  );
}

function ProblemPage({ problem, onAgain }: { problem: ProblemError; onAgain: () => void }): JSX.Element {
  const { lab_name: lab, contact } = useSession();
  const denied = problem.status === 403;
  return (
    <div className={styles.page}>
      <div className={styles.headline}>
        <span className={styles.sign}>
          <IconShieldX size={24} stroke={1.6} aria-hidden />
        </span>
        <PageHead title={problem.detail} tab={[problem.title, lab]} sub={denied ? refusalWords.nothingChanged : undefined} />
      </div>
      {contact !== null && denied ? (
        <section className="card">
          <div className="card-head">
            <h2>{refusalWords.whoHelps}</h2>
          </div>
          <div className={`card-body ${styles.helper ?? ''}`}>
            <Initials name={nameOfContact(contact)} size={32} />
            <div>
              <div className="strong">{nameOfContact(contact)}</div>
              <div className="muted small">{refusalWords.admin(lab)}</div>
            </div>
            <Button component="a" variant="default" href={mailTo(contact.email, problem)}>
              {refusalWords.ask(nameOfContact(contact).split(' ')[0] ?? '')}
            </Button>
          </div>
        </section>
      ) : null}
      {problem.decision === undefined ? null : (
        <section className="card">
          <div className="card-head">
            <h2>{refusalWords.decided}</h2>
          </div>
          <div className="card-body">
            <PathSteps steps={problem.decision.steps.map((step) => ({ name: stepName(step.step), outcome: step.outcome, text: step.text }))} />
            {problem.decision.help === undefined ? null : <p style={{ marginTop: 12 }}>{problem.decision.help}</p>}
          </div>
        </section>
      )}
      <div className="spread">
        <Button variant="default" onClick={onAgain}>
          {refusalWords.again}
        </Button>
        <RequestLine problem={problem} />
      </div>
    </div>
  );
}

function RequestLine({ problem }: { problem: ProblemError }): JSX.Element {
  const details = `${problem.status} ${problem.title}\n${problem.detail}\nrequest ${problem.requestId ?? '-'}\n${window.location.pathname}`;
  return (
    <div className="row small muted">
      <span>
        {hides(problem) ? null : problem.status}
        {problem.requestId === undefined ? null : (
          <>
            {hides(problem) ? null : ' · '}
            {refusalWords.request} <code>{problem.requestId}</code>
          </>
        )}
      </span>
      <CopyButton value={details} what="of this problem" label={refusalWords.copy} />
    </div>
  );
}

function Failure({ error, onAgain }: { error: Error; onAgain: () => void }): JSX.Element {
  const { lab_name: lab } = useSession();
  return (
    <div className={styles.page}>
      <div className={styles.headline}>
        <span className={styles.sign}>
          <IconPlugConnectedX size={24} stroke={1.6} aria-hidden />
        </span>
        <PageHead title={refusalWords.failed} tab={[refusalWords.failed, lab]} sub={error.message} />
      </div>
      <div>
        <Button onClick={onAgain}>{refusalWords.again}</Button>
      </div>
    </div>
  );
}

function mailTo(address: string, problem: ProblemError): string {
  const body = `I tried to open ${window.location.href}\n\nThe answer was: ${problem.detail}\n(request ${problem.requestId ?? '-'})\n\nCould you help?`;
  return `mailto:${address}?subject=${encodeURIComponent('Access to the Oasis')}&body=${encodeURIComponent(body)}`;
}
