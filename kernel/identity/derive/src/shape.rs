//! What the derive knows of a type: its variants, and their fields in order.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Ident, Member, Result, Type};

/// A struct or an enum.
pub(crate) enum Shape {
    Struct(Fields),
    Enum(Vec<(Ident, Fields)>),
}

impl Shape {
    /// Refuses what has no canonical encoding: unions, explicit discriminants, more variants than tags.
    pub(crate) fn of(input: &DeriveInput) -> Result<Self> {
        match &input.data {
            Data::Struct(it) => Ok(Self::Struct(Fields::of(&it.fields))),
            Data::Union(it) => Err(Error::new(it.union_token.span, "a union has no canonical encoding")),
            Data::Enum(it) if it.variants.len() > 256 => {
                Err(Error::new(input.ident.span(), "an enum with more than 256 variants has no canonical encoding"))
            }
            Data::Enum(it) => match it.variants.iter().find_map(|variant| variant.discriminant.as_ref()) {
                Some((_, value)) => {
                    Err(Error::new(value.span(), "a variant's tag is its place in the declaration; remove the discriminant"))
                }
                None => Ok(Self::Enum(it.variants.iter().map(|it| (it.ident.clone(), Fields::of(&it.fields))).collect())),
            },
        }
    }

    /// The types of all fields of all variants.
    pub(crate) fn types(&self) -> Vec<&Type> {
        match self {
            Self::Struct(fields) => fields.types(),
            Self::Enum(variants) => variants.iter().flat_map(|(_, fields)| fields.types()).collect(),
        }
    }
}

/// The fields of a struct or of a variant: how each is called, what it is bound to, its type.
pub(crate) struct Fields(Vec<(Member, Ident, Type)>);

impl Fields {
    fn of(fields: &syn::Fields) -> Self {
        let binding = |at: usize| format_ident!("field_{at}");
        Self(fields.members().zip(fields).enumerate().map(|(at, (member, it))| (member, binding(at), it.ty.clone())).collect())
    }

    pub(crate) fn types(&self) -> Vec<&Type> {
        self.0.iter().map(|(_, _, it)| it).collect()
    }

    /// Binds every field. Tuple fields are named by their number, so one form does for all.
    pub(crate) fn pattern(&self) -> TokenStream {
        let (members, bindings) = (self.0.iter().map(|it| &it.0), self.0.iter().map(|it| &it.1));
        quote!({ #(#members: #bindings),* })
    }

    /// Encodes every bound field.
    pub(crate) fn encode(&self) -> TokenStream {
        let bindings = self.0.iter().map(|it| &it.1);
        quote!(#(::antfarm_identity::Codec::encode(#bindings, out);)*)
    }

    /// Decodes every field, in order.
    pub(crate) fn build(&self) -> TokenStream {
        let members = self.0.iter().map(|it| &it.0);
        quote!({ #(#members: ::antfarm_identity::Codec::decode(input)?),* })
    }
}
