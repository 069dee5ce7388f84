/** What the description of each list in a filter says about an empty one. */

/** A list of which one value has to match. */
export const anyOf = (condition: string) => `${condition} An empty list matches nothing.`

/** A list of which all conditions have to hold. */
export const allOf = (condition: string) => `${condition} An empty list is no condition.`
