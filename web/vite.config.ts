import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { precompress } from './tools/precompress.ts';

// Where a server for development listens: OASIS_DEV_SERVER=http://localhost:8000 npm run dev
const server = process.env.OASIS_DEV_SERVER ?? 'http://localhost:8000';
const basePath = '/nomad-oasis';

export default defineConfig(({ command }) => ({
  // The base path is known only when the server starts: built files refer to each other by relative address.
  base: command === 'serve' ? `${basePath}/gui/` : './',
  plugins: [
    react(),
    precompress(),
    {
      name: 'oasis-development-base',
      apply: 'serve',
      transformIndexHtml: (html: string): string => html.replace('/__BASE__/', `${basePath}/gui/`),
    },
  ],
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    manifest: true,
    // What the bundled packages ask to be passed on; `oasis licenses` prints it.
    license: { fileName: 'licenses.md' },
    // One style sheet: the order of the cascade layers is set by its first line, and split files arrive in any order.
    cssCodeSplit: false,
    target: 'es2023',
    assetsInlineLimit: 0,
  },
  server: {
    proxy: Object.fromEntries(['api', 'auth', 'alive'].map((path) => [`${basePath}/${path}`, { target: server, changeOrigin: false }])),
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://oasis.test/nomad-oasis/gui/' } },
    setupFiles: ['./test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    css: false,
    testTimeout: 40_000,
    maxWorkers: 2,
  },
}));
