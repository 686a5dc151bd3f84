import { Load, type LoadCounts } from '../../electron/core/sample-fleet/load.ts'
import type { SampleStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { LocalAgent } from './local-fleet.ts'

/** What the applications of one agent met. */
export interface Met extends LoadCounts {
  device: string
}

/** Applications that ask every agent all the time; what they met is the last word on whether anybody's inference failed. */
export class Traffic {
  readonly #agents: readonly LocalAgent[]
  readonly #of: { stream: SampleStream; model: string; input: string; perSecond: number }
  readonly #past: Load[] = []
  #loads: Load[] = []

  constructor(agents: readonly LocalAgent[], of: { stream: SampleStream; model: string; input: string; perSecond: number }) {
    this.#agents = agents
    this.#of = of
  }

  /** Begins to ask. @param tellsTruth the true label of each row is told afterwards */
  begin({ tellsTruth }: { tellsTruth: boolean }): void {
    // Agents that are asked the same rows at once would all tell the same.
    this.#loads = this.#agents.map((agent, i) => new Load({ ...this.#of, agent, tellsTruth, firstRow: i * 71 }))
  }

  /** Ends what `begin` began. @returns what was met since then, by agent */
  async end(): Promise<Met[]> {
    const ended = this.#loads
    this.#loads = []
    await Promise.all(ended.map((load) => load.stop()))
    this.#past.push(...ended)
    return this.#metBy(ended)
  }

  /** What was met from the start on, by agent, without what runs still. */
  met(): Met[] {
    return this.#metBy(this.#past)
  }

  #metBy(loads: readonly Load[]): Met[] {
    return this.#agents.map(({ device }) => {
      const counts = loads.filter(({ agent }) => agent.device === device).map((load) => load.counts)
      const sum = (of: (one: LoadCounts) => number): number => counts.reduce((total, one) => total + of(one), 0)
      return {
        device,
        sent: sum(({ sent }) => sent),
        answered: sum(({ answered }) => answered),
        failed: sum(({ failed }) => failed),
        labelled: sum(({ labelled }) => labelled),
        correct: sum(({ correct }) => correct),
        firstFailure: counts.find(({ firstFailure }) => firstFailure !== null)?.firstFailure ?? null,
      }
    })
  }
}
