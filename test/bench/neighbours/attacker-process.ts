import { setPriority } from 'node:os'
import { type AttackOrder, attack } from './attacker.ts'

const LOWEST = 19
setPriority(LOWEST)

/** Carries out what its parent orders, and answers each order once. */
process.on('message', async (order: AttackOrder) => {
  process.send?.({ report: await attack(order) })
})
process.once('disconnect', () => process.exit())
