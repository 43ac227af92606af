import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const pureFolders = ['math', 'pricing', 'market', 'volatility', 'portfolio', 'risk', 'control'];

export default tseslint.config(
  {
    ignores: [
      'dist',
      'docs/api',
      'docs/playground/dist',
      'coverage',
      'test/contract',
      'test/import-rule/fixture',
      'src/pricing/batch/assembly',
      'src/pricing/batch/kernel-binary.ts',
      '*.config.js',
      '*.cjs',
    ],
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Index loops over typed arrays are the house style: the bound proves the element is there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: pureFolders.map((folder) => `src/${folder}/**/*.ts`),
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Pass a seed in.' },
        { object: 'Date', property: 'now', message: 'Pass asOf in.' },
        { object: 'performance', property: 'now', message: 'Timing is for the caller.' },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'global', 'require', 'window', 'document', 'performance', 'setTimeout'].map(
          (name) => ({
            name,
            message: 'These folders run unchanged in Node and in a browser.',
          }),
        ),
      ],
    },
  },
);
