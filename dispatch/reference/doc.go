// Package reference writes the API reference of a [dispatch.Registry], as Markdown,
// as an OpenAPI document and as a TypeScript client, from what the registry tells of
// itself.
package reference
