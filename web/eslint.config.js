import js from '@eslint/js';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/*.gen.ts', 'eslint.config.js', 'tools/*.mjs'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat['recommended-latest'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Numbers read well in a template: `${count} files`.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `throw redirect(…)` and `throw notFound()` are how TanStack Router leaves a loader.
      '@typescript-eslint/only-throw-error': ['error', { allow: [{ from: 'package', package: '@tanstack/router-core', name: ['Redirect', 'NotFoundError'] }] }],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Ask api/client.ts: it turns problems into ProblemError and asks for sign-in.' }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/api/*.ts', 'test/**', '**/*.test.*'], rules: { 'no-restricted-globals': 'off' } },
  // Query options are made to be inferred: writing their types out would repeat the whole schema.
  { files: ['src/api/queries/*.ts'], rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' } },
  { files: ['test/**', '**/*.test.*'], rules: { 'max-lines': 'off' } },
);
