/** Defines an element, unless another copy of the components has: a name can be defined only once. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element)
}
