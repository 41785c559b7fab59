//! `#[derive(Codec)]`: the canonical encoding of a struct or an enum. Documented at `antfarm_identity::Codec`.
//!
//! Writes plain field-by-field code and nothing clever; the meaning of the bytes is the trait's business, not the macro's.

mod bounds;
mod shape;

use proc_macro::TokenStream;
use quote::quote;
use shape::{Fields, Shape};
use syn::{DeriveInput, parse_macro_input};

/// Implements `antfarm_identity::Codec`.
#[proc_macro_derive(Codec, attributes(codec))]
pub fn derive_codec(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let shape = Shape::of(input)?;
    let (kinds, shortest, kind, encode, decode) = match &shape {
        Shape::Struct(fields) => of_struct(&input.ident, fields),
        Shape::Enum(variants) => of_enum(variants),
    };
    let name = &input.ident;
    let generics = bounds::bounded(input, &shape)?;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::antfarm_identity::Codec for #name #type_generics #where_clause {
            const KINDS: &'static [&'static str] = &[#kinds];
            const SHORTEST: usize = #shortest;
            #kind
            #[inline]
            fn encode(&self, out: &mut ::antfarm_identity::derived::Vec<u8>) { #encode }
            #[inline]
            fn decode(input: &mut ::antfarm_identity::Reader<'_>) -> ::core::result::Result<Self, ::antfarm_identity::Malformed> {
                input.nested(|input| { #decode })
            }
        }
    })
}

/// KINDS, SHORTEST, `kind`, and the bodies of `encode` and `decode`.
type Parts = (
    proc_macro2::TokenStream,
    proc_macro2::TokenStream,
    proc_macro2::TokenStream,
    proc_macro2::TokenStream,
    proc_macro2::TokenStream,
);

fn of_struct(name: &syn::Ident, fields: &Fields) -> Parts {
    let kind = name.to_string();
    let types = fields.types();
    let (pattern, encode, build) = (fields.pattern(), fields.encode(), fields.build());
    (
        quote!(#kind),
        quote!(0 #(+ <#types as ::antfarm_identity::Codec>::SHORTEST)*),
        quote!(),
        quote!(let Self #pattern = self; #encode),
        quote!(::core::result::Result::Ok(Self #build)),
    )
}

/// The bound of an enum is its tag: looking into the fields would never end for a type that contains itself.
fn of_enum(variants: &[(syn::Ident, Fields)]) -> Parts {
    let names: Vec<_> = variants.iter().map(|(name, _)| name).collect();
    let kinds = names.iter().map(ToString::to_string);
    let tags = 0..=u8::MAX;
    let indices = 0..u16::MAX;
    let (all, count) = (tags.clone().zip(variants), indices.clone().nth(variants.len()));
    let encode = all.clone().map(|(tag, (name, fields))| {
        let (pattern, encode) = (fields.pattern(), fields.encode());
        quote!(Self::#name #pattern => { out.push(#tag); #encode })
    });
    let encode = match variants {
        [] => quote!(match *self {}),
        [_, ..] => quote!(match self { #(#encode)* }),
    };
    let decode = all.map(|(tag, (name, fields))| {
        let build = fields.build();
        quote!(#tag => ::core::result::Result::Ok(Self::#name #build),)
    });
    (
        quote!(#(#kinds),*),
        quote!(1),
        quote! {
            #[inline]
            fn kind(&self) -> u16 { match *self { #(Self::#names { .. } => #indices,)* } }
        },
        encode,
        quote! {
            match input.tag(#count)? {
                #(#decode)*
                _ => ::core::unreachable!("the tag was checked"),
            }
        },
    )
}
