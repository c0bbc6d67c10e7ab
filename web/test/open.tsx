import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render, type RenderResult } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { expect } from 'vitest';
import { Toasts } from '../src/parts/Toasts';
import { makeRouter } from '../src/router';
import { theme, variables } from '../src/theme';

interface Page extends RenderResult {
  user: UserEvent;
  /** The address below the app, with its search. */
  address: () => string;
}

/** Opens the app at an address, as the browser would; answers come from `serve`. */
export function openPage(path: string): Page {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = makeRouter(queries, createMemoryHistory({ initialEntries: [`/nomad-oasis/gui${path}`] }));
  const result = render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>,
    { onCaughtError: () => undefined },
  );
  return { ...result, user: userEvent.setup({ delay: null }), address: () => router.history.location.href.replace('/nomad-oasis/gui', '') };
}

/** Fails with the broken rules of WCAG 2.2 AA; colours and sizes are judged in the browser, jsdom has no layout. */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('; ')}`)).toEqual([]);
}
