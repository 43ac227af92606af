// The rule of the floors: a folder of src/ imports only from itself and from folders before it in this list.
const floors = [
  'math/least-squares',
  'math',
  'pricing',
  'market',
  'volatility/smile',
  'volatility/arbitrage',
  'volatility/surface',
  'volatility/calibration',
  'portfolio',
  'risk',
  'control',
  'report',
  'parallel',
  'feed',
  'cli',
];
const browserFloors = ['math', 'pricing', 'market', 'volatility', 'portfolio', 'risk', 'control'];

const upward = floors.flatMap((floor, index) => {
  const higher = floors.slice(index + 1).filter((other) => !floor.startsWith(`${other}/`));
  return higher.length === 0
    ? []
    : [
        {
          name: `no-upward-import-from-${floor.replace('/', '-')}`,
          comment: `${floor} may import only from the floors below it`,
          severity: 'error',
          from: { path: `^(test/import-rule/fixture/)?src/${floor}/` },
          to: { path: `^(test/import-rule/fixture/)?src/(${higher.join('|')})/` },
        },
      ];
});

module.exports = {
  forbidden: [
    ...upward,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'errors-is-the-ground',
      severity: 'error',
      from: { path: '^(test/import-rule/fixture/)?src/(errors|check)\\.ts$' },
      to: { path: '^(test/import-rule/fixture/)?src/.+/' },
    },
    {
      name: 'nothing-imports-the-front-door',
      severity: 'error',
      from: { path: '^(test/import-rule/fixture/)?src/' },
      to: { path: '^(test/import-rule/fixture/)?src/index\\.ts$' },
    },
    {
      name: 'no-node-built-in-below-report',
      severity: 'error',
      from: { path: `^(test/import-rule/fixture/)?src/(${browserFloors.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
