import { readdirSync, readFileSync } from 'node:fs';

/** Prints "passed failed", summed over Vitest's JSON reports in the folder; a file that could not be loaded is a failure. */
const folder = process.argv[2];
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  failed += report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
}
process.stdout.write(`${passed} ${failed}\n`);
