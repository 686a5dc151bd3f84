import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'

/** The name of a rollout: its own, else what it does. */
export function nameOfPlan({ name, model, version, deployment }: Pick<RolloutPlan, 'name' | 'model' | 'version' | 'deployment'>): string {
  return name === '' ? `${model} ${version} to ${deployment}` : name
}
