import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { passkeysWork, wasStopped } from '../../api/passkey';
import { accountKeys, addPasskey, removeApp, removePasskey, renewRecoveryCodes, type OwnAccount } from '../../api/queries/account';
import { sessionQuery } from '../../api/queries/session';
import { accountWords as words } from '../../messages/account';
import { formatShortDate } from '../../messages/format';
import { RecoveryCodes } from '../../parts/RecoveryCodes';
import { Confirm } from '../../ui/Confirm';
import { InlineProblem } from '../../ui/InlineProblem';
import { TimeAgo } from '../../ui/TimeAgo';
import styles from './Account.module.css';
import { NewApp } from './NewApp';
import { Section } from './Section';

type Doing = 'app' | 'remove-app' | { passkey: string; name: string } | undefined;

/** The second factors of the account: authenticator app, passkeys, recovery codes. */
export function Factors({ factors }: { factors: OwnAccount['factors'] }): JSX.Element {
  const queries = useQueryClient();
  const [doing, setDoing] = useState<Doing>();
  const [codes, setCodes] = useState<string[]>([]);
  const [name, setName] = useState('');
  const refresh = async (): Promise<void> => {
    setDoing(undefined);
    await queries.invalidateQueries({ queryKey: accountKeys.all });
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const show = async (fresh: string[]): Promise<void> => {
    setCodes(fresh);
    await refresh();
  };
  const addKey = useMutation({
    mutationFn: () => addPasskey(name.trim()),
    onSuccess: async (fresh) => {
      setName('');
      await show(fresh);
    },
  });
  const dropKey = useMutation({ mutationFn: removePasskey, onSuccess: refresh });
  const dropApp = useMutation({ mutationFn: removeApp, onSuccess: refresh });
  const renew = useMutation({ mutationFn: renewRecoveryCodes, onSuccess: show });
  const error = (wasStopped(addKey.error) ? null : addKey.error) ?? dropKey.error ?? dropApp.error ?? renew.error;
  const some = factors.app_since !== null || factors.passkeys.length > 0;
  return (
    <Section title={words.factors}>
      {some ? null : <p className="muted">{words.factorsNone}</p>}
      {codes.length > 0 ? (
        <RecoveryCodes
          codes={codes}
          onDone={() => {
            setCodes([]);
          }}
        />
      ) : null}
      {error === null ? null : <InlineProblem error={error} />}
      <ul className={styles.rows}>
        <li>
          <span className="stack-s">
            <span className="strong">{words.app}</span>
            <span className="muted table-text">{factors.app_since === null ? words.appOff : words.appOn(formatShortDate(factors.app_since))}</span>
          </span>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setDoing(factors.app_since === null ? 'app' : 'remove-app');
            }}
          >
            {factors.app_since === null ? words.appAdd : words.appRemove}
          </Button>
        </li>
        {factors.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span className="stack-s">
              <span className="strong">{passkey.name}</span>
              <span className="muted table-text">
                {passkey.last_used === null ? (
                  words.passkeyUnused
                ) : (
                  <>
                    {words.passkeyUsed} <TimeAgo iso={passkey.last_used} />
                  </>
                )}
              </span>
            </span>
            <Button
              size="xs"
              variant="default"
              aria-label={words.passkeyRemove(passkey.name)}
              onClick={() => {
                setDoing({ passkey: passkey.id, name: passkey.name });
              }}
            >
              Remove
            </Button>
          </li>
        ))}
        {some ? (
          <li>
            <span className="stack-s">
              <span className="strong">{words.codes}</span>
              <span className="muted table-text">{words.codesLeft(factors.recovery_codes)}</span>
            </span>
            <Button
              size="xs"
              variant="default"
              loading={renew.isPending}
              onClick={() => {
                renew.mutate();
              }}
            >
              {words.codesRenew}
            </Button>
          </li>
        ) : null}
      </ul>
      {doing === 'app' ? <NewApp onDone={(fresh) => void show(fresh)} /> : null}
      {factors.passkeys_possible && passkeysWork() ? (
        <form
          className={styles.passkey}
          onSubmit={(event) => {
            event.preventDefault();
            addKey.mutate();
          }}
        >
          <div className="stack-s">
            <h3>{words.passkeyAdd}</h3>
            <span className="muted table-text">{words.passkeysMore}</span>
          </div>
          <TextInput
            label={words.passkeyName}
            value={name}
            maxLength={100}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <Button type="submit" variant="default" loading={addKey.isPending}>
            {words.passkeyAdd}
          </Button>
        </form>
      ) : (
        <p className="muted table-text">
          {words.passkeysMore} {words.noPasskeys}
        </p>
      )}
      {doing === 'remove-app' || typeof doing === 'object' ? (
        <Confirm
          title={typeof doing === 'object' ? words.passkeyRemove(doing.name) : words.appRemove}
          act={typeof doing === 'object' ? words.passkeyRemove(doing.name) : words.appRemove}
          pending={dropApp.isPending || dropKey.isPending}
          onAct={() => {
            if (typeof doing === 'object') dropKey.mutate(doing.passkey);
            else dropApp.mutate();
          }}
          onClose={() => {
            setDoing(undefined);
          }}
        >
          {typeof doing === 'object' ? words.passkeysMore : words.appRemoveMore}
        </Confirm>
      ) : null}
    </Section>
  );
}
