import tseslint from 'typescript-eslint';

export default tseslint.config(tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, {
  languageOptions: {
    parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname }
  },
  rules: {
    // node:test's functions give a promise that nobody waits for.
    '@typescript-eslint/no-floating-promises': [
      'error',
      { allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: 'node:test' }] }
    ],
    '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
  }
});
