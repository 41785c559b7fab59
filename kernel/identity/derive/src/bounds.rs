//! Which type parameters must be `Codec` for a generic type to be.
//!
//! Those that occur in a field as themselves (`T`, `Vec<T>`) or by an associated type (`M::Message`: only that is asked
//! for). A bound on each field's whole type would be more exact, but has no end for a type that contains itself.

use crate::shape::Shape;
use quote::ToTokens;
use std::collections::BTreeMap;
use syn::punctuated::Punctuated;
use syn::{
    DeriveInput, GenericArgument, Generics, Ident, PathArguments, Result, Token, Type, TypePath, WherePredicate, parenthesized,
    parse_quote,
};

/// The type's generics with the bounds that its impl needs: what `#[codec(bound(..))]` says, or else what the fields ask for.
pub(crate) fn bounded(input: &DeriveInput, shape: &Shape) -> Result<Generics> {
    let mut generics = input.generics.clone();
    let predicates = match written(input)? {
        Some(written) => written,
        None => asked(&input.generics, shape),
    };
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    Ok(generics)
}

fn written(input: &DeriveInput) -> Result<Option<Vec<WherePredicate>>> {
    let mut written = None;
    for attribute in input.attrs.iter().filter(|it| it.path().is_ident("codec")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("bound") {
                return Err(meta.error("the only option is `bound(Type: Codec, ..)`"));
            }
            let content;
            parenthesized!(content in meta.input);
            let list = Punctuated::<WherePredicate, Token![,]>::parse_terminated(&content)?;
            written.get_or_insert_with(Vec::new).extend(list);
            Ok(())
        })?;
    }
    Ok(written)
}

fn asked(generics: &Generics, shape: &Shape) -> Vec<WherePredicate> {
    let params: Vec<&Ident> = generics.type_params().map(|it| &it.ident).collect();
    // Keyed by their text, so that each is asked for once and the order does not depend on anything but the type.
    let mut found = BTreeMap::new();
    for it in shape.types() {
        collect(it, &params, &mut found);
    }
    found.into_values().map(|it| parse_quote!(#it: ::antfarm_identity::Codec)).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and open")]
fn collect(it: &Type, params: &[&Ident], found: &mut BTreeMap<String, TypePath>) {
    match it {
        Type::Path(path) => collect_path(path, params, found),
        Type::Array(array) => collect(&array.elem, params, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|it| collect(it, params, found)),
        Type::Paren(inner) => collect(&inner.elem, params, found),
        Type::Group(inner) => collect(&inner.elem, params, found),
        Type::Slice(slice) => collect(&slice.elem, params, found),
        // References, functions and the like have no encoding: the field itself fails to compile, with a better message.
        _ => {}
    }
}

fn collect_path(it: &TypePath, params: &[&Ident], found: &mut BTreeMap<String, TypePath>) {
    let is_param = |path: &syn::Path| path.segments.first().is_some_and(|first| params.contains(&&first.ident));
    let of_param = match &it.qself {
        Some(qself) => matches!(&*qself.ty, Type::Path(inner) if inner.qself.is_none() && is_param(&inner.path)),
        None => is_param(&it.path),
    };
    if of_param {
        found.insert(it.to_token_stream().to_string(), it.clone());
        return;
    }
    for segment in it.path.segments.iter().filter(|it| it.ident != "PhantomData") {
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            for argument in &arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    collect(inner, params, found);
                }
            }
        }
    }
}
