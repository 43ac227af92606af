/** The little of the document that is written to: text is always set as text, never as markup. */

/** The element with this id. Throws where the page has none of that kind. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Choices of a select: [value, words], the choice kept where it is still there. */
export function fillSelect(select: HTMLSelectElement, choices: readonly (readonly [string, string])[]): void {
  const before = select.value;
  select.replaceChildren(...choices.map(([value, words]) => element('option', { value, textContent: words })));
  if (choices.some(([value]) => value === before)) select.value = before;
}
