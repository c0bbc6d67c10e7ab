import { Checkbox, TextInput } from '@mantine/core';
import { lazy, Suspense, useState, type JSX, type ReactNode } from 'react';
import { limitsWords as words } from '../../messages/tokenLimits';
import type { LimitsDraft } from './limitsDraft';
import styles from './NewToken.module.css';

const UploadPick = lazy(async () => ({ default: (await import('./UploadPick')).UploadPick }));

interface LimitsProps {
  limits: LimitsDraft;
  onChange: (limits: LimitsDraft) => void;
  /** Where the person is now, "" when the server cannot tell. */
  address: string;
  /** Whether the networks hold that place; `undefined` while nobody knows. */
  inside: boolean | undefined;
  /** What the server says of the networks. */
  wrongNetworks: string | undefined;
}

/** What narrows the token below its rights: adding only, some uploads, some networks. */
export function Limits({ limits, onChange, ...network }: LimitsProps): JSX.Element {
  return (
    <section className="card" aria-labelledby="limits">
      <div className={styles.head}>
        <h2 id="limits">{words.title}</h2>
        <span className="muted table-text">{words.sub}</span>
      </div>
      <div className="card-body stack-l">
        <Limit
          label={words.appendOnly}
          text={words.appendOnlyText}
          on={limits.appendOnly}
          onSwitch={(appendOnly) => {
            onChange({ ...limits, appendOnly });
          }}
        />
        <Limit
          label={words.uploads}
          text={words.uploadsText}
          on={limits.byUpload}
          onSwitch={(byUpload) => {
            onChange({ ...limits, byUpload });
          }}
        >
          <Suspense>
            <UploadPick
              chosen={limits.uploads}
              onChange={(uploads) => {
                onChange({ ...limits, uploads });
              }}
            />
          </Suspense>
        </Limit>
        <Limit
          label={words.networks}
          text={words.networksText}
          on={limits.byNetwork}
          onSwitch={(byNetwork) => {
            onChange({ ...limits, byNetwork });
          }}
        >
          <Networks
            networks={limits.networks}
            onChange={(networks) => {
              onChange({ ...limits, networks });
            }}
            {...network}
          />
        </Limit>
      </div>
    </section>
  );
}

interface LimitProps {
  label: string;
  text: string;
  on: boolean;
  onSwitch: (on: boolean) => void;
  children?: ReactNode;
}

function Limit({ label, text, on, onSwitch, children }: LimitProps): JSX.Element {
  return (
    <div>
      <Checkbox
        label={label}
        description={text}
        checked={on}
        onChange={(event) => {
          onSwitch(event.currentTarget.checked);
        }}
      />
      {on && children !== undefined ? <div className={styles.inner}>{children}</div> : null}
    </div>
  );
}

interface NetworksProps extends Pick<LimitsProps, 'address' | 'inside' | 'wrongNetworks'> {
  networks: string[];
  onChange: (networks: string[]) => void;
}

const listed = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((part) => part !== ''))];

/** The networks as one line; it counts when one leaves the field, so that half an address is no mistake. */
function Networks({ networks, onChange, address, inside, wrongNetworks }: NetworksProps): JSX.Element {
  const [text, setText] = useState(networks.join(', '));
  const take = (next: string): void => {
    const list = listed(next);
    if (list.join() !== networks.join()) onChange(list);
  };
  const add = (): void => {
    const list = [...new Set([...listed(text), address])];
    setText(list.join(', '));
    onChange(list);
  };
  return (
    <div className="stack-s">
      <TextInput
        aria-label={words.networks}
        placeholder={words.example}
        value={text}
        autoComplete="off"
        spellCheck={false}
        error={wrongNetworks}
        maw={420}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onBlur={() => {
          take(text);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault(); // the form would be sent before the networks were looked at
          take(text);
        }}
      />
      {address === '' ? null : (
        <p className="small muted" aria-live="polite">
          {words.here(address)}
          {networks.length === 0 || inside === undefined ? '.' : inside ? words.inside : words.outside}{' '}
          {networks.includes(address) || inside === true ? null : (
            <button type="button" className="link-button" onClick={add}>
              {words.useHere}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
