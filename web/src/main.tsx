import './styles/tokens.css';
import './styles/mantine.css';
import './styles/base.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api/problem';
import { anyTransfer } from './api/transfer';
import { Toasts } from './parts/Toasts';
import { makeRouter } from './router';
import { followOtherTabs } from './session';
import { theme, variables } from './theme';

// The content security policy allows only styles with this answer's nonce. Mantine asks for it by
// getStyleNonce; the scroll lock of dialogs comes from another library, which asks get-nonce.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);

/** A read is tried once more unless the server has already said what is wrong; writes are never repeated. */
const retry = (failures: number, error: Error): boolean => failures < 1 && !(error instanceof ProblemError && error.status < 500);

// "always": a machine without any network is offline to the browser, and its own Oasis answers all the same.
const queries = new QueryClient({
  defaultOptions: { queries: { retry, refetchOnWindowFocus: true, networkMode: 'always' }, mutations: { retry: false, networkMode: 'always' } },
});

followOtherTabs(queries);

// Leaving would cut what is being sent.
window.addEventListener('beforeunload', (event) => {
  if (anyTransfer()) event.preventDefault();
});

const place = document.getElementById('root');
if (place !== null) {
  // A refusal is shown as a page; only faults of ours belong in the console.
  const onCaughtError = (error: unknown): void => {
    if (!(error instanceof ProblemError)) console.error(error);
  };
  createRoot(place, { onCaughtError }).render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={makeRouter(queries)} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
