/** Pictures of `build/screenshots` that the README and the guides show, and which shot of `npm run screenshots` each is. */
export const publishedPictures: Readonly<Record<string, string>> = {
  // Made by test/e2e/large-fleet.test.ts, which has a fleet of that size.
  'overview-dark.png': 'overview-10000-dark.png',
  'devices-light.png': 'devices-panel-1440-light.png',
  'device-dark.png': 'device-1440-dark.png',
  'version-light.png': 'version-1440-light.png',
  'deploy-dark.png': 'deploy-1440-dark.png',
  'monitoring-dark.png': 'monitoring-feature-1440-dark.png',
  'alerts-dark.png': 'alerts-open-1440-dark.png',
  'rollout-dark.png': 'scene-running-1440-dark.png',
  'rollout-new-light.png': 'wizard-large-1440-light.png',
  'trust-light.png': 'trust-1440-light.png',
  'audit-light.png': 'audit-1440-light.png',
  'report-light.png': 'report-1440-light.png',
  'report-new-dark.png': 'reports-new-1440-dark.png',
}
