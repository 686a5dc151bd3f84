import { comparisonScene, manyWavesScene, pausedScene, runningScene, waitingScene, type RolloutScene } from '../harness/rollout-scenes.ts'
import type { ScreenVisit } from './screens.ts'

const ID = 7

/** The wizard over a fleet of some hundred devices. */
export const largeWizard: ScreenVisit = {
  name: 'wizard-large',
  path: '/rollouts/new?model=digits&version=1.1.0&query=line%20in%20(1%2C%202%2C%203)',
  ready: 'Forecast',
}

/** Scenes of rollouts with the pages that show them. */
export function rolloutScenes(now: number): readonly (readonly [RolloutScene, ScreenVisit[]])[] {
  const at = (name: string, tab: string, ready: string | RegExp): ScreenVisit => ({ name, path: `/rollouts/${ID}?tab=${tab}`, ready })
  return [
    [
      runningScene(ID, now),
      [
        at('scene-running', 'waves', /committed, .* answered/),
        at('scene-running-comparison', 'comparison', 'Over time'),
        at('scene-running-devices', 'devices', 'cam-1-0001'),
        at('scene-running-events', 'events', 'Approved.'),
      ],
    ],
    [pausedScene(ID, now), [at('scene-paused', 'waves', 'Held')]],
    [comparisonScene(ID, now), [at('scene-comparison', 'comparison', 'Over time')]],
    [waitingScene(ID, now), [at('scene-waiting', 'waves', 'Needs approval')]],
    [manyWavesScene(ID, now), [at('scene-many', 'waves', /answered/)]],
  ]
}
