/** The same members, of which an optional one may also be there and be undefined. */
type Loose<Interface> = { [Key in keyof Interface]: object extends Pick<Interface, Key> ? Interface[Key] | undefined : Interface[Key] };

/**
 * A construct as the interface that CDK's properties ask for. Its classes say `name: string | undefined` where its interfaces say
 * `name?: string`, which the compiler tells apart here and JavaScript does not.
 */
export function interfaceOf<Interface>(construct: Loose<Interface>): Interface;
export function interfaceOf(construct: unknown): unknown {
  return construct;
}
