import { defaultDriftRule } from '../../../shared/stats/drift/score-window.ts'
import { defaultRateRule } from '../../../shared/stats/quality/rate-verdict.ts'
import type { Desk } from '../labelling/desk.ts'
import type { Registry } from '../registry/registry.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { SliceReader } from '../store/telemetry/slice.ts'
import { openMonitor, type Monitor } from './monitor.ts'
import { openMonitoringScreens, type MonitoringScreens } from './screens.ts'
import { openWatchedBundles } from './watched-bundle.ts'

/** What monitoring of a console is built on. */
export interface MonitoringOptions {
  store: FleetStore
  slices: SliceReader
  registry: Pick<Registry, 'manifest' | 'contents'>
  desk: Pick<Desk, 'quality'>
  /** Levels that follow from the budget of false alarms; left out: the usual ones. */
  levels?: () => { q: number; rateAlpha: number }
  now(): number
}

/** Builds the monitor from the parts of the console. */
export function openMonitoring(options: MonitoringOptions): { monitor: Monitor; monitoring: MonitoringScreens } {
  const { store, registry, desk } = options
  const usual = { q: defaultDriftRule.q, rateAlpha: defaultRateRule.alpha }
  const parts = {
    slices: options.slices,
    bundle: openWatchedBundles((digest) => {
      const manifest = registry.manifest(digest)
      return manifest === null ? null : { manifest, baseline: registry.contents.baseline(manifest) }
    }),
    nameOf(digest: string) {
      const manifest = registry.manifest(digest)
      return manifest === null ? null : { model: manifest.model, version: manifest.version }
    },
    baselines: store.deviceBaselines,
    deskQuality: desk.quality,
    levels: options.levels ?? (() => usual),
    isAlerted: (device: string, deployment: string) =>
      store.alerts.firingOf(device).some(({ subject }) => (subject.deployment ?? deployment) === deployment),
    isEnrolled: (device: string) => store.devices.find(device) !== null,
    now: options.now,
  }
  const monitor = openMonitor(parts)
  return { monitor, monitoring: openMonitoringScreens(parts, monitor) }
}
