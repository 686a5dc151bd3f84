import { hash } from 'node:crypto'
import { Problem } from '../../shared/domain/problem.ts'
import type { Served } from './served.ts'

/** A deployment with its active bundle, and the one beside it. */
export interface Place {
  name: string
  active: Served
  beside: Served | null
}

/** Sorts the bundles of a generation by deployment. */
export function placesOf(served: readonly Served[]): Place[] {
  const places = new Map<string, Place>()
  for (const one of served) {
    const { deployment: name } = one.subject
    const place = places.get(name)
    if (place === undefined) places.set(name, { name, active: one, beside: null })
    // The active one comes first by contract; the order is not trusted to say who answers.
    else if (one.role.kind === 'active') places.set(name, { name, active: one, beside: place.active })
    else place.beside = one
  }
  return [...places.values()]
}

/**
 * The deployment of a name: the name of the deployment itself, or of the model if only one deployment has it.
 * @throws Problem `inference.not-found`
 */
export function findPlace(places: readonly Place[], name: string): Place {
  const found = places.find((place) => place.name === name)
  if (found !== undefined) return found
  const byModel = places.filter((place) => place.active.subject.model === name)
  if (byModel.length === 1) return byModel[0]!
  if (byModel.length > 1) {
    const names = byModel.map((place) => place.name).join(', ')
    throw new Problem('inference.not-found', `Several deployments run model ${name}; ask for one of ${names}.`)
  }
  throw unknownModel(places, name)
}

/** The refusal of a name that nothing here has. */
export function unknownModel(places: readonly Place[], name: string): Problem {
  const names = places.map((place) => place.name).join(', ')
  const there = names === '' ? 'none is deployed' : `there is ${names}`
  return new Problem('inference.not-found', `There is no model "${name.slice(0, 100)}" here; ${there}.`)
}

/** The bundles of a place that can be asked for: a shadow answers nobody. */
export function answering(place: Place): Served[] {
  return place.beside?.role.kind === 'split' ? [place.active, place.beside] : [place.active]
}

/**
 * The bundle of a version; the active one if none is named.
 * @throws Problem `inference.not-found`
 */
export function findVersion(place: Place, asked: { model: string; version: string | null }): Served {
  if (asked.version === null) return place.active
  const bundles = answering(place)
  const found = bundles.find((served) => served.subject.version === asked.version)
  if (found !== undefined) return found
  const versions = bundles.map((served) => served.subject.version).join(' and ')
  throw new Problem('inference.not-found', `${asked.model} runs version ${versions}; ${asked.version.slice(0, 100)} is not loaded.`)
}

/**
 * The bundle that answers a key: the same key always comes to the same bundle, until the percent is changed; growing it moves keys in
 * one direction only. A split that is not loaded leaves its share to the active bundle.
 */
export function chooseByKey(place: Place, key: () => string): Served {
  const { beside } = place
  if (beside === null || beside.role.kind !== 'split' || beside.model === null) return place.active
  return shareOf(place.name, key()) < beside.role.percent ? beside : place.active
}

/** Where a key lies, 0 to below 100: the first 48 bits of SHA-256 over `<deployment>\n<key>`. */
export function shareOf(deployment: string, key: string): number {
  return (Number.parseInt(hash('sha256', `${deployment}\n${key}`).slice(0, 12), 16) / 2 ** 48) * 100
}
